"""What is done from a page: the same as by `runbook follow`, one thing at a time.

Whoever wishes it is told at once that it has begun, or why it has not. What comes of it is seen by
all, whether or not they are still there.
"""

from __future__ import annotations

import contextlib
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import define, field

from runbook.errors import RunbookError
from runbook.following import ConfirmationNeeded, FollowError, FollowSession, SecretsNeeded
from runbook.report.text import sanitize
from runbook.results import Event, Outcome, Started
from runbook.results.clock import now
from runbook.results.position import DONE
from runbook.server import shown
from runbook.server.desk import Deed, RefusedError
from runbook.server.feed import Feed
from runbook.server.messages import Wish
from runbook.server.questions import Questions

_HOSTS: Final = 1000
_SECRET: Final = 16384
"""Characters of a secret; a private key has some thousand."""


@define
class Acting:
    """Does what pages wish, in the `session`; `changed` is told of the steps that may be others.

    The feed has `job`, what is being done; `last`, what came of the one before; `position/STEP`;
    `present`, the step that is next; `log`, who did what; and `question`.
    """

    session: FollowSession
    feed: Feed
    changed: Callable[[Sequence[str]], None]
    questions: Questions
    _lock: threading.Lock = field(factory=threading.Lock)
    _thread: threading.Thread | None = None
    _number: int = 0

    def deeds(self) -> Mapping[str, Deed]:
        """Return what can be wished."""
        return {
            "view": self._view,
            "check": self._check,
            "run": self._run,
            "interrupt": self._interrupt,
            "secret": self._secret,
            "by-hand": self._by_hand,
            "skip": self._skip,
            "note": self._note,
            "edit": self._edit,
            "go": self._go,
            "answer": self._answer,
        }

    def show(self) -> None:
        """Tell all pages how far the guide is, also if somebody else has gone on with it."""
        self.session.refresh()
        self.feed.set(
            {
                **shown.positions(self.session),
                "log": shown.log(self.session),
                "history": shown.history(self.session),
            }
        )

    def warm(self) -> None:
        """Open the shells of the next step ahead of time, in a thread of its own."""

        def warm() -> None:
            # A step that is run meanwhile waits for its shells.
            with self._lock, contextlib.suppress(RunbookError):
                self.session.warm()

        threading.Thread(target=warm, name="opening shells", daemon=True).start()

    def took(self, who: str, before: str) -> None:
        """Record that somebody now acts, and from whom they took over."""
        text = f"took over from {before}" if before else "acts in the browser"
        with contextlib.suppress(RunbookError):
            self.session.note(text, who=who)
        self.show()

    def close(self) -> None:
        """End what is being done, and wait until it is recorded."""
        self.questions.close()
        if self._thread is not None and self._thread.is_alive():
            self.session.interrupt()
            self._thread.join()

    def _view(self, who: str, wish: Wish) -> Any:
        del who
        return shown.step(self.session.view(wish.text("step")))

    def _run(self, who: str, wish: Wish) -> Any:
        step, hosts = wish.text("step"), _hosts(wish)
        with self._lock:
            self._refuse_if_busy()
            try:
                events = self.session.run(
                    step, hosts, typed=wish.text("typed"), attend=self.questions.attend, who=who
                )
            except ConfirmationNeeded as error:
                typed = bool(wish.text("typed").strip())
                return {"confirm": {**shown.demand(error.demand), "wrong": typed}}
            except SecretsNeeded as error:
                return {"secrets": list(error.names)}
            return self._begin("run", step, hosts, who, lambda: self._drain(events))

    def _check(self, who: str, wish: Wish) -> Any:
        step, hosts = wish.text("step"), _hosts(wish)

        def check() -> str:
            found = self.session.check(step, hosts, who=who)
            bad = sum(not one.held for results in found.values() for one in results)
            return f"{bad} of its checks do not hold" if bad else "all of its checks hold"

        with self._lock:
            self._refuse_if_busy()
            return self._begin("check", step, hosts, who, check)

    def _by_hand(self, who: str, wish: Wish) -> Any:
        step, hosts, why = wish.text("step"), _hosts(wish), wish.text("why")

        def mark() -> str:
            self.session.by_hand(step, why, hosts, who=who)
            return "it is marked as done by hand"

        with self._lock:
            self._refuse_if_busy()
            return self._begin("by hand", step, hosts, who, mark)

    def _skip(self, who: str, wish: Wish) -> None:
        self.session.skip(wish.text("step"), wish.text("why"), _hosts(wish), who=who)
        self.show()

    def _note(self, who: str, wish: Wish) -> None:
        self.session.note(wish.text("text"), wish.text("step"), who=who)
        self.show()

    def _edit(self, who: str, wish: Wish) -> None:
        step = wish.text("step")
        self.session.edit(step, wish.text("name"), wish.text("text"), who=who)
        self.show()
        self.changed([step])

    def _go(self, who: str, wish: Wish) -> None:
        self.session.go(wish.text("step"), who=who)
        self.show()

    def _secret(self, who: str, wish: Wish) -> None:
        del who
        self.session.give_secret(wish.text("name"), wish.text("value", _SECRET))

    def _answer(self, who: str, wish: Wish) -> None:
        done = wish.given.get("done") is True
        step = self.questions.answer(wish.text("question"), done=done)
        job = self.feed.get("job") or {}
        if job.get("who") != who:
            # The step is recorded with the name of who let it run.
            task = "is done" if done else "is not done"
            self.session.note(f"answered that the task {task}", step, who=who)

    def _interrupt(self, who: str, wish: Wish) -> None:
        del wish
        self.session.interrupt(who=who)
        self.questions.leave()

    def _refuse_if_busy(self) -> None:
        if job := self.feed.get("job"):
            raise RefusedError(f"{job['who']} is at {job['step']}")
        if self._thread is not None:
            # It has told how it ended, and shows what follows from that.
            self._thread.join()

    def _begin(
        self, kind: str, step: str, hosts: Sequence[str], who: str, work: Callable[[], str]
    ) -> dict[str, Any]:
        """Begin something that takes time, in a thread of its own."""
        self._number += 1
        job = {
            "number": self._number,
            "kind": kind,
            "step": step,
            "hosts": list(hosts),
            "who": who,
            "since": now(),
            "doing": {},
        }
        self.feed.set({"job": job})
        self._thread = threading.Thread(target=self._work, args=(job, work), name=kind)
        self._thread.start()
        return {"job": self._number}

    def _work(self, job: Mapping[str, Any], work: Callable[[], str]) -> None:
        good, said = False, ""
        try:
            good, said = True, work()
        except RunbookError as error:
            said = str(error)
        except Exception as error:
            traceback.print_exc()
            said = f"{type(error).__name__}: {error}"
        finally:
            redact = self.session.setting.known.redact
            last = {**job, "good": good, "said": sanitize(redact(said)), "until": now()}
            self.feed.set({"job": None, "last": last})
            self.show()
            self.changed([job["step"]])
            if self._goes_on(job["step"]):
                self.warm()

    def _goes_on(self, step: str) -> bool:
        """Tell whether the next step takes no shells away from the chapter of `step`."""
        present = self.session.present()
        with contextlib.suppress(FollowError):
            chapter = self.session.position(step).document
            some = self.session.positions()
            return present is not None and (
                present.document == chapter
                or all(one.settled for one in some if one.document == chapter)
            )
        return False

    def _drain(self, events: Iterable[Event]) -> str:
        """Follow a step that runs, and say what came of it; what did not hold is an error.

        Raises:
            FollowError: it did not hold on some host; the message says why.

        """
        told: list[str] = []
        bad = False
        for event in events:
            match event:
                case Started():
                    job = self.feed.get("job")
                    doing = {event.host: f"{event.phase.value} {sanitize(event.detail)}".strip()}
                    self.feed.set({"job": {**job, "doing": {**job["doing"], **doing}}})
                case Outcome():
                    bad = bad or event.verdict not in DONE
                    why = f": {event.reason}" if event.reason else ""
                    told.append(f"{event.host}: {event.verdict.value}{why}")
        if bad or not told:
            raise FollowError("\n".join(told) or "it was interrupted")
        return "\n".join(told)


def _hosts(wish: Wish) -> tuple[str, ...]:
    hosts = wish.given.get("hosts", [])
    if (
        not isinstance(hosts, list)
        or len(hosts) > _HOSTS
        or not all(isinstance(host, str) for host in hosts)
    ):
        raise RefusedError("hosts is no list of names")
    return tuple(hosts)
