"""Drives a program: waits for its questions and types the answers of the guide."""

from __future__ import annotations

from collections.abc import Callable

from attrs import evolve

from runbook.dialogue.exchange import Exchange
from runbook.dialogue.full_screen import reason
from runbook.dialogue.monitor import ForegroundMonitor, SideChannel
from runbook.model import Dialogue
from runbook.terminal.bash import Input
from runbook.terminal.faults import DialogueStopped
from runbook.terminal.marks import Mark
from runbook.terminal.shell import Completed, Shell, Silence


def converse(
    shell: Shell,
    dialogue: Dialogue,
    *,
    secrets: Callable[[str], str],
    timeout: float,
    side_channel: SideChannel | None = None,
    watched: bool = True,
) -> Completed:
    """Run the program of the dialogue and answer its questions; see `Session.converse`.

    It may have no turns; what the guide shows of its output may answer it nevertheless.

    Raises:
        DialogueStopped: it asked an unexpected question, or refused an answer.
        CommandTimeout, ShellEnded, HostLost: the program did not complete.

    """
    if not dialogue.turns and (why := reason(dialogue.text)):
        raise DialogueStopped(why)
    monitor = ForegroundMonitor(shell, side_channel, watched=watched)
    typed = bool(dialogue.turns or dialogue.output)
    given = Input.TYPED if typed else Input.SILENT
    with shell.start(dialogue.text, timeout=timeout, given=given) as run:
        exchange = Exchange(shell, run, dialogue, secrets, monitor)
        for event in run.events(exchange.silence_limit):
            if isinstance(event, Mark):
                exchange.on_mark(event)
            elif isinstance(event, Silence):
                exchange.on_silence()
            else:
                exchange.on_output(event)
    if typed and not exchange.ended:
        # The line was aborted before it turned the echo off.
        shell.execute("stty -echo -onlcr </dev/tty; (exit $?)", timeout=timeout)
    done = run.completed()
    unasked = exchange.history.unasked(done.output)
    return evolve(done, unasked=unasked, shown=exchange.shown())
