"""The loop of whoever follows a guide: a step is shown, a key is pressed, something is done."""

from __future__ import annotations

import functools
import threading
from typing import Final

from rich.text import Text

from runbook.errors import RunbookError
from runbook.following import (
    ConfirmationNeeded,
    FollowSession,
    SecretsNeeded,
    StepPosition,
)
from runbook.following_terminal import shown
from runbook.following_terminal.desk import Desk
from runbook.following_terminal.keyboard import Cancelled, Keyboard
from runbook.following_terminal.keys import KEYS
from runbook.following_terminal.output import Output
from runbook.following_terminal.running import Running
from runbook.report.screen import Screen
from runbook.report.text import sanitize
from runbook.results import Outcome
from runbook.results.position import DONE

_GLANCE: Final = 3.0
"""Seconds that the checks of a step get to be shown with it; later ones are unknown."""


class Follower(Desk):
    """A person who follows `session` at this terminal, by `keyboard` and `screen`."""

    def __init__(
        self, session: FollowSession, keyboard: Keyboard, screen: Screen, output: Output
    ) -> None:
        super().__init__(session, keyboard, screen)
        self._running = Running(session, keyboard, output, self.write)

    def follow(self) -> None:
        """Show one step after the other, and do what the keys say, until all is settled.

        Raises:
            Paused: they leave before that.
            Hangup: the terminal is gone.

        """
        while (present := self._session.present()) is not None:
            if present.step.id != self._step:
                self._step = present.step.id
                self._glance(present)
                self.show(present)
            self._ask()

    def goes_on(self) -> bool:
        """Ask, at the end, for a key; return whether there is a step to follow once more.

        What is done by a key is about the last step.
        """
        while self._session.present() is None:
            self._step = self._step or self._session.positions()[-1].step.id
            self.write(Text())
            self.write(Text("q end  n note  u undo  b back  a all steps  w who  ? help", "bold"))
            if not self._act(at_end=True):
                return False
        return True

    def _glance(self, position: StepPosition) -> None:
        """Evaluate the checks of a step, for as long as nobody minds waiting."""

        def look() -> None:
            try:
                self._session.evaluate(position.step.id)
            except RunbookError:
                return

        looking = threading.Thread(target=look, name="glance", daemon=True)
        looking.start()
        looking.join(_GLANCE)

    def _ask(self) -> None:
        self.write(Text())
        self.write(
            Text("c check  r run  1 one host  d by hand  k skip  n note  p pause  ? help", "bold")
        )
        self._act()

    def _act(self, *, at_end: bool = False) -> bool:
        """Do what the next key says; false if that is to leave, where nothing is left to do."""
        try:
            key = self._keyboard.key().lower().replace("q", "p")
            found = next((one for one in KEYS if one.key == key), None)
            if found is None:
                return True
            if at_end and found.method == "pause":
                return False
            getattr(self, found.method)()
        except Cancelled:
            self.write(Text("Nothing was done.", style="dim"))
        except RunbookError as error:
            why = self._session.setting.known.redact(str(error))
            self.write(Text(sanitize(why), style="bold red"))
        except KeyboardInterrupt as interrupt:
            if type(interrupt) is not KeyboardInterrupt:
                raise
            self.write(Text("p pauses, and leaves everything as it is.", style="dim"))
        return True

    # The keys

    def check(self) -> None:
        """Evaluate the checks of the step, and show what does not hold."""
        found = self._session.check(self._step)
        for host, results in found.items():
            for line in shown.details(results, host):
                self.write(line)
        view = self._session.view(self._step, files=False)
        for line in shown.checks(view):
            self.write(line)

    def run(self, hosts: tuple[str, ...] = ()) -> None:
        """Run the step where it is left, once all that it wants has been typed."""
        step = self._step
        chosen = hosts or self._session.position(step).left
        typed = ""
        while True:
            begin = functools.partial(self._session.run, step, hosts, typed=typed)
            try:
                outcomes = self._running.run(begin, len(chosen) or 1)
                break
            except ConfirmationNeeded as needed:
                if typed:
                    self.write(Text("That is not the name. Nothing was run.", style="bold red"))
                    return
                for reason in needed.demand.reasons:
                    self.write(Text(f"! {sanitize(reason)}", style="bold yellow"))
                names = " ".join(needed.demand.hosts)
                typed = self._keyboard.line(f"Type the name of its host ({names}) to let it run")
                if not typed:
                    raise Cancelled from None
            except SecretsNeeded as needed:
                for name in needed.names:
                    value = self._keyboard.secret(f"Secret {name} (not shown, stored nowhere)")
                    self._session.give_secret(name, value)
        self._afterwards(step, outcomes)

    def run_on_one(self) -> None:
        """Run the step on one host, and look at it before the others follow."""
        position = self._session.position(self._step)
        left = position.left or tuple(one.host for one in position.hosts)
        host = left[0]
        if len(left) > 1:
            host = self._keyboard.line(f"On which host, of {' '.join(left)}", host)
        self.run((host,))

    def _afterwards(self, step: str, outcomes: list[Outcome]) -> None:
        if all(one.verdict in DONE for one in outcomes) and outcomes:
            position = self._session.position(step)
            if position.settled:
                self._settled()
            else:
                left = " ".join(position.left)
                self.write(Text(f"Left: {left}. Press r to run it there.", style="bold"))
        else:
            self.write(
                Text("It is not done. Look (s), mend it, and run it again (r).", style="bold")
            )

    def help(self) -> None:
        """Show all keys."""
        for one in KEYS:
            self.write(Text(f"  {one.key}  {one.words}"))
        self.write(Text("Ctrl-C ends a step that runs, or a question. Everything is recorded: "
                        "'runbook record' makes the page for the change ticket."))  # fmt: skip
