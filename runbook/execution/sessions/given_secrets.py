"""Secrets that a command of the guide is given: as variables of its shell, and as answers.

Their values are typed into the shell, which nobody else on the host can read: neither as
arguments nor in an environment. The command has the variables in their place.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import evolve

from runbook.execution.secrets import typeable
from runbook.model import Turn
from runbook.model.secret_reference import filled_in, only_reference, referenced
from runbook.shelltext.secret_words import with_variables
from runbook.terminal.bash import quote
from runbook.terminal.faults import Failure, HostLost
from runbook.terminal.shell import Shell

_VARIABLE: Final = "__runbook_secret_"
_TIMEOUT: Final = 30.0


def assign(shell: Shell, text: str, secret: Callable[[str], str]) -> str:
    """Return `text` with variables in the place of secrets, once `shell` has them.

    Raises:
        SecretMissing: the value of one is not known.
        SecretPlaceError: one stands where the shell replaces nothing.
        Failure, HostLost: the shell did not take them.

    """
    names = referenced(text)
    if not names:
        return text
    variables = {name: f"{_VARIABLE}{number}" for number, name in enumerate(names)}
    command = with_variables(text, variables.__getitem__)
    # With `set -a` it would be in the environment of all programs that follow.
    taken = "; ".join(
        f"{variable}={quote(secret(name))}; builtin declare +x {variable}"
        for name, variable in variables.items()
    )
    # What the command before has left in `$?` is seen by this one.
    taken = f'__runbook_q=$?; {taken}; __runbook_status "$__runbook_q"'
    shell.execute(taken, timeout=_TIMEOUT)
    return command


@contextlib.contextmanager
def given(shell: Shell, text: str, secret: Callable[[str], str]) -> Iterator[str]:
    """Give `text` as `assign` does; the shell has the variables only meanwhile."""
    try:
        yield assign(shell, text, secret)
    finally:
        _forget(shell, text)


def one_line(secret: Callable[[str], str]) -> Callable[[str], str]:
    """Return what gives the values of secrets that can be typed as an answer."""
    return lambda name: typeable(name, secret(name))


def _forget(shell: Shell, text: str) -> None:
    """Let the `shell`, if it is there, forget the variables of a command that has ended."""
    variables = " ".join(f"{_VARIABLE}{number}" for number in range(len(referenced(text))))
    if variables and shell.alive:
        unset = f'__runbook_q=$?; builtin unset -v {variables}; __runbook_status "$__runbook_q"'
        with contextlib.suppress(Failure, HostLost):
            shell.execute(unset, timeout=_TIMEOUT)


def answers(turns: Sequence[Turn], secret: Callable[[str], str]) -> tuple[Turn, ...]:
    """Return `turns` with the secrets that are in their answers.

    An answer that is a secret and nothing else is typed as one.
    """

    def filled(turn: Turn) -> Turn:
        if turn.answer is None or not referenced(turn.answer):
            return turn
        if name := only_reference(turn.answer):
            return evolve(turn, answer=None, secret=name)
        return evolve(turn, answer=filled_in(turn.answer, secret))

    return tuple(filled(turn) for turn in turns)
