"""Names in marked steps that nothing stands for: `|value|` and `<capture>` that nobody defines.

They would be typed and written as they are. A bar or an angle bracket that means something else,
as a pipe, a redirection or markup does, is left alone; where a name resembles a known one, it is
always a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from attrs import define, field

from runbook.model import Cluster, Location, Runbook, Step
from runbook.model.cluster import PLACE
from runbook.model.suggestion import nearest
from runbook.sphinx.directives.values import values_of
from runbook.sphinx.planning.not_names import is_alternative, is_markup, is_redirection, is_text
from runbook.sphinx.planning.step_texts import StepText, texts_of
from runbook.sphinx.source.problems import Problem

_VALUE: Final = re.compile(r"(?<!\|)\|([a-z][a-z0-9_-]*)(?=\|(?!\|))")
_CAPTURE: Final = re.compile(r"<(?:([a-z0-9][a-z0-9-]*):)?([a-z][a-z0-9_-]*)>")
_NEARLY: Final = 0.8
"""How alike two names are that mean the same for certain."""


def unknown_names(runbook: Runbook, cluster: Cluster | None) -> Iterator[Problem]:
    """Yield the names in marked steps of `runbook` that stand for nothing, in its order."""
    names = _Names(cluster, sorted(values_of(cluster)), _capturing(runbook.steps()))
    for chapter in runbook.chapters:
        for step in chapter.steps:
            if step.marked:
                yield from _of_step(step, texts_of(step, chapter.blocks), names)
            if step.capture is not None:
                names.captured |= _capturing([step])


@define
class _Names:
    """What is known at one step: values, and the captures of all steps and of earlier ones.

    Captures are the steps that they come from, by name as it is written in a guide.
    """

    cluster: Cluster | None
    values: list[str]
    captures: dict[str, Step]
    captured: dict[str, Step] = field(factory=dict)


def _capturing(steps: Iterable[Step]) -> dict[str, Step]:
    return {step.capture.name.replace("_", "-"): step for step in steps if step.capture}


def _of_step(step: Step, texts: tuple[StepText, ...], names: _Names) -> Iterator[Problem]:
    whole = "\n".join(text.text for text in texts)
    told: set[tuple[Location, str]] = set()
    for text in texts:
        for found in (*_VALUE.finditer(text.text), *_CAPTURE.finditer(text.text)):
            if found[0].startswith("<secret:"):
                continue
            if found[0][0] == "|":
                message = _value_message(text, found, names)
            else:
                message = _capture_message(step, text, found, names, whole)
            # The same name on one line is one mistake.
            at = text.at(found.start()), found[0]
            if message and at not in told:
                told.add(at)
                yield Problem(at[0], message, kind="value")


def _value_message(text: StepText, found: re.Match[str], names: _Names) -> str:
    """Return what is wrong with a `|name|`, empty if nothing."""
    name = found[1]
    # The name of a known value was replaced; what is left came with the text of a value.
    if name in names.values:
        return ""
    if not nearest(name, names.values, _NEARLY) and is_alternative(
        text, found.start(), found.end()
    ):
        return ""
    message = f"there is no value |{name}| in {PLACE}"
    if text.is_code:
        message += f" (a pipe has blanks around it: '| {name} |')"
    near = nearest(name, names.values)
    return f"{message}; did you mean |{near}|?" if near else message


def _capture_message(
    step: Step, text: StepText, found: re.Match[str], names: _Names, whole: str
) -> str:
    """Return what is wrong with a `<name>` or `<host:name>`, empty if nothing."""
    origin, name = found.groups()
    if name in names.captured or (step.undo and name in names.captures):
        return _origin_message(origin, name, names)
    if f"</{found[0][1:]}" in whole:
        return ""
    if (later := names.captures.get(name)) is not None:
        where = "by this step itself" if later.id == step.id else f"later, by {later.id}"
        return f"{found[0]} is captured only {where}"
    near = nearest(name, names.captured, _NEARLY)
    start, end = found.span()
    if not near and (
        is_text(text, start, end)
        or is_redirection(text, start, end)
        or is_markup(text, found[0], whole)
    ):
        return ""
    message = f"no earlier step captures {found[0]}, which would be left as it is"
    if text.is_bare(start):
        message += " (a redirection has a blank before its file: '< file')"
    near = near or nearest(name, names.captured)
    return f"{message}; did you mean <{near}>?" if near else message


def _origin_message(origin: str | None, name: str, names: _Names) -> str:
    """Return why the host `origin` has no value called `name`, empty if it may have one."""
    if origin is None or names.cluster is None:
        return ""
    step = names.captured.get(name) or names.captures[name]
    try:
        hosts = [host.name for host in names.cluster.select(step.on or ("all",))]
    except KeyError:
        # That host or group is unknown, which is told of the step itself.
        return ""
    if origin in hosts:
        return ""
    wanted = nearest(origin, hosts) or hosts[0]
    return (
        f"<{origin}:{name}> is not captured: {step.id} runs on {', '.join(hosts)}; "
        f"did you mean <{wanted}:{name}>?"
    )
