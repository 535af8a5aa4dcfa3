"""What the text of a step stands for on one host: captured values, and that host's answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from attrs import define, evolve, field

from runbook.execution.texts.patterns import Matcher
from runbook.model import (
    Action,
    Capture,
    Command,
    Dialogue,
    FileContent,
    Host,
    Manual,
    Override,
    Step,
    Turn,
)
from runbook.model.alternative import fits

_REFERENCE: Final = re.compile(r"<(?:([a-z0-9][a-z0-9-]*):)?([a-z][a-z0-9-]*)>")


class ValueMissingError(Exception):
    """A captured value is not there, or is ambiguous; the message says which and why."""


def captured(capture: Capture, output: str) -> str | None:
    """Return the value that `capture` takes out of `output`, or `None` if there is none.

    Raises:
        PatternTooSlowError: its pattern takes too long.

    """
    if capture.pattern is None:
        return output.strip() or None
    with Matcher() as matcher:
        found = matcher.search(capture.pattern, output)
    return None if found is None else (found[1] if len(found) > 1 else found[0])


@define
class Captures:
    """The values that were captured so far, by name and by the host that they come from.

    `sources` says for every name which step captures it.
    """

    sources: dict[str, str] = field(factory=dict)
    values: dict[str, dict[str, str]] = field(factory=dict)

    def declare(self, step: Step) -> None:
        """Note that `step` captures a value, if it does."""
        if step.capture is not None:
            self.sources[step.capture.name.replace("_", "-")] = step.id

    def take(self, host: str, found: Mapping[str, str]) -> None:
        """Note the values that a step has captured on `host`, by the name of the capture."""
        for name, value in found.items():
            self.values.setdefault(name.replace("_", "-"), {})[host] = value

    def fill_in(self, step: Step, host: str) -> Step:
        """Return `step` as it is for `host`: with every `<name>` replaced by its value.

        `<gs1:name>` stands for the value from the host `gs1`. Without a host, the value is the
        same on all hosts that captured it, or else that of the very host.

        Raises:
            ValueMissingError: no value was captured, or it is another one on every host.

        """
        return _filled(step, lambda text: self.fill_in_text(text, host)) if self.sources else step

    def fill_in_text(self, text: str, host: str) -> str:
        """Return `text` as it is for `host`, as that of a step.

        Raises:
            ValueMissingError: no value was captured, or it is another one on every host.

        """

        def value(found: re.Match[str]) -> str:
            origin, name = found.groups()
            if origin == "secret":
                return found[0]
            return found[0] if name not in self.sources else self._value(name, origin, host)

        return _REFERENCE.sub(value, text)

    def _value(self, name: str, origin: str | None, host: str) -> str:
        known = self.values.get(name, {})
        if origin is not None and origin in known:
            return known[origin]
        if not known or origin is not None:
            where = f" on {origin}" if origin else ""
            raise ValueMissingError(
                f"the value <{name}> is missing: {self.sources[name]} did not run{where}"
            )
        if len(set(known.values())) == 1:
            return next(iter(known.values()))
        if host in known:
            return known[host]
        raise ValueMissingError(
            f"<{name}> is ambiguous on {host}: {', '.join(known)} captured different values; "
            f"write for example <{next(iter(known))}:{name}>"
        )


def _filled(step: Step, filled: Callable[[str], str]) -> Step:
    """Return `step` with `filled` applied to all text that is typed, written or evaluated."""

    def filled_action(action: Action) -> Action:
        match action:
            case FileContent():
                return evolve(action, text=filled(action.text), path=filled(action.path))
            case Dialogue():
                turns = tuple(filled_turn(turn) for turn in action.turns)
                return evolve(action, text=filled(action.text), turns=turns)
            case Command():
                output = action.output and filled(action.output)
                return evolve(action, text=filled(action.text), output=output)
            case Manual():
                return evolve(action, text=filled(action.text))

    def filled_turn(turn: Turn) -> Turn:
        overrides = tuple(
            evolve(other, answer=other.answer and filled(other.answer)) for other in turn.overrides
        )
        return evolve(
            turn,
            prompt=filled(turn.prompt),
            answer=turn.answer and filled(turn.answer),
            overrides=overrides,
        )

    return evolve(
        step,
        actions=tuple(filled_action(action) for action in step.actions),
        checks=tuple(evolve(check, source=filled(check.source)) for check in step.checks),
    )


def answers_for(step: Step, host: Host, platform: str) -> Step:
    """Return `step` with the answers that are for `host`, which is of `platform`."""

    def applies(other: Override) -> bool:
        names = {host.name, *host.groups}
        return (not other.on or bool(names & set(other.on))) and (
            not other.platforms or fits(platform, other.platforms)
        )

    def chosen(turn: Turn) -> Turn:
        other = next((other for other in turn.overrides if applies(other)), None)
        if other is not None:
            turn = evolve(turn, answer=other.answer, secret=other.secret, typing=other.typing)
        return evolve(turn, overrides=())

    return evolve(
        step,
        actions=tuple(
            evolve(action, turns=tuple(chosen(turn) for turn in action.turns))
            if isinstance(action, Dialogue)
            else action
            for action in step.actions
        ),
    )
