"""What a key does that runs nothing: to look, to go elsewhere, and to say something of a step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.text import Text

from runbook.following import FollowSession, StepPosition
from runbook.following_terminal import shown
from runbook.following_terminal.keyboard import Cancelled, Keyboard
from runbook.report.screen import Screen
from runbook.report.text import sanitize
from runbook.results.log import Deed, LogEntry

_QUIET: Final = frozenset({Deed.CHECKED, Deed.BACK})
"""Deeds that are told only in the record."""


class Paused(Exception):  # noqa: N818  # it names what happened
    """Somebody leaves."""


class Desk:
    """Where a person sits who follows `session`, with `keyboard` and `screen`.

    What they look at is the step `_step`; without one, whatever is next is shown anew.
    """

    def __init__(self, session: FollowSession, keyboard: Keyboard, screen: Screen) -> None:
        self._session = session
        self._keyboard = keyboard
        self._screen = screen
        self._step = ""

    def write(self, line: Text) -> None:
        """Show a line."""
        self._screen.print(line, soft_wrap=False, overflow="fold")

    def show(self, position: StepPosition, *, everything: bool = False) -> None:
        """Show a step and the keys."""
        view = self._session.view(position.step.id)
        count = len(self._session.positions())
        if position.step.undo:
            count = len(self._session.undo_positions())
        self.write(Text())
        for line in shown.shown(view, count, everything=everything):
            self.write(line)

    def edit(self) -> None:
        """Give a value another text."""
        values = self._session.values_of(self._step)
        if not values:
            self.write(Text("This step has no values to edit."))
            return
        for number, value in enumerate(values, 1):
            self.write(Text(f"{number}  {sanitize(value.name)} = {sanitize(value.text)}"))
        answer = self._keyboard.line("Which number", "1" if len(values) == 1 else "")
        if not answer.isdigit() or not 1 <= int(answer) <= len(values):
            raise Cancelled
        value = values[int(answer) - 1]
        text = self._keyboard.line("The new value", value.text)
        self._session.edit(self._step, value.name, text)
        self.show(self._session.position(self._step))

    def shell(self) -> None:
        """Use the very shell in which the step types on a host."""
        hosts = [one.host for one in self._session.position(self._step).hosts]
        host = hosts[0]
        if len(hosts) > 1:
            host = self._keyboard.line(f"On which host, of {' '.join(hosts)}", host)
        lent = self._session.lend(self._step, host)
        self.write(Text("The shell of this chapter is yours; leave it with exit. It is recorded "
                        "that you used it, and not what you type."))  # fmt: skip
        lent.interact()

    def by_hand(self) -> None:
        """Mark the step as done by hand; its checks must hold."""
        self._session.by_hand(self._step, self._why("Done by hand: why, and how"))
        self._settled()

    def skip(self) -> None:
        """Leave the step out, with a reason."""
        self._session.skip(self._step, self._why("Skip it: for what reason"))
        self._settled()

    def note(self) -> None:
        """Write something down for the record."""
        self._session.note(self._why("Note"), self._step)
        self.write(Text("Noted."))

    def back(self) -> None:
        """Go to the step before this one; nothing is undone."""
        self._go(-1)

    def forward(self) -> None:
        """Go to the step after this one, or to the first that is not settled."""
        self._go(+1)

    def undo(self) -> None:
        """Undo the chapter of this step, one undo step after the other."""
        offer = self._session.undo_offer(self._step)
        if offer is None:
            self.write(Text("The guide does not say how to undo this chapter."))
            return
        if offer.refused:
            self.write(Text(f"It cannot be undone now: {sanitize(offer.refused)}."))
            return
        self.write(Text(f"To undo {sanitize(offer.chapter)}:", style="bold"))
        for one in offer.steps:
            self.write(Text(f"  {sanitize(self._session.position(one).step.title)}"))
        if self._keyboard.yes("Go there, and undo it step by step?"):
            self._session.go(offer.steps[0])
            self._step = ""

    def all_steps(self) -> None:
        """Show where every step stands."""
        for line in shown.overview(self._session.positions()):
            self.write(line)

    def who(self) -> None:
        """Show who did what."""
        told(self._session.log(), self.write)

    def in_full(self) -> None:
        """Show the step with nothing cut."""
        self.show(self._session.position(self._step), everything=True)

    def pause(self) -> None:
        """Leave, for oneself or somebody else to go on later."""
        why = self._keyboard.line("Pause: a word for whoever goes on (may be empty)")
        self._session.pause(why)
        raise Paused

    def _settled(self) -> None:
        """Go on: within an undo to its next step, else to the next one that is not settled."""
        undo = self._session.position(self._step).step.undo
        offer = self._session.undo_offer(self._step)
        following = offer.steps[0] if undo and offer and not offer.refused else ""
        if following:
            self._session.go(following)
        elif undo or self._session.present() is not None:
            present = self._session.present()
            if present is not None and present.step.id == self._step:
                self._session.go("")
        self._step = "" if undo else self._step

    def _go(self, by: int) -> None:
        undo = self._session.position(self._step).step.undo
        steps = self._session.undo_positions() if undo else self._session.positions()
        ids = [one.step.id for one in steps]
        to = ids.index(self._step) + by
        if not 0 <= to < len(ids):
            self._session.go("")
        else:
            self._session.go(ids[to])
        self._step = ""

    def _why(self, question: str) -> str:
        text = self._keyboard.line(question)
        if not text:
            raise Cancelled
        return text


def told(log: tuple[LogEntry, ...], write: Callable[[Text], None]) -> None:
    """Show who did what, in lines."""
    for one in log:
        if one.deed in _QUIET:
            continue
        line = Text(f"{shown.clock(one.at)}  {sanitize(one.who)}  {one.deed.value}", "default")
        line.append(f"  {sanitize(one.step)}" if one.step else "")
        line.append(f" on {' '.join(one.hosts)}" if one.hosts else "", style="dim")
        value = f"{one.name} = {one.text}" if one.name else one.text
        line.append(f"  {sanitize(value)}" if value else "")
        write(line)
