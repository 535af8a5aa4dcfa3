"""Contradictions between two places of a guide: paths, ids and hosts."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from runbook.lint.commands import GuideCommand
from runbook.lint.finding import Finding, FindingKind
from runbook.lint.typos import one_apart
from runbook.model import Cluster, Command, Dialogue, Edit, FileContent, Location, Runbook
from runbook.model.cluster import PLACE
from runbook.shelltext.programs import Program

_PATH: Final = re.compile(r"(?:/[\w.+@-]+){2,}")
_EXECUTABLE: Final = re.compile(r"[ugoa]*\+[rws]*x|0?[0-7]?[1357][0-7]{2}\Z")
_NO_FILE: Final = ("/dev/", "/proc/", "/sys/", "/run/")
_MAKES: Final = frozenset({"touch", "tee", "mkdir", "install", "mkfifo", "truncate"})
_LAST: Final = frozenset({"cp", "mv", "ln", "install", "rsync", "scp"})
_UUID: Final = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_HEX: Final = re.compile(r"(?<![\w:.-])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,}(?![\w:])")
_TOKEN: Final = re.compile(
    r"(?<![\w/.-])(?=\w*\d)(?=\w*[a-z]\w*[a-z])(?=\w*[A-Z]\w*[A-Z])[A-Za-z0-9]{10,}(?![\w/.-])"
)
_HOST: Final = re.compile(r"(?<![\w./-])[a-z][a-z0-9-]*(?=[\w.]*(?:[\s:,;'\"/]|\Z))")


def path_findings(runbook: Runbook, commands: Sequence[GuideCommand]) -> Iterator[Finding]:
    """Yield paths that are used once and are nearly those of a file that the guide writes."""
    written: dict[str, Location] = {}
    for step in runbook.steps():
        for action in step.actions:
            if isinstance(action, FileContent):
                written.setdefault(action.path, action.location)
    for command in commands:
        for program in command.programs:
            for path in _made(program):
                if _PATH.fullmatch(path):
                    written.setdefault(path, command.location)
    known = {part for path in written for part in _parents(path)}
    used: dict[str, list[tuple[GuideCommand, int]]] = {}
    for command in commands:
        for found in _PATH.finditer(command.text):
            if not found[0].startswith(_NO_FILE) and not _in_url(command.text, found.start()):
                used.setdefault(found[0].rstrip("."), []).append((command, found.start()))
    for path, places in used.items():
        if path in known or len(places) > 1:
            continue
        command, offset = places[0]
        near = [other for other in written if _nearly(path, other)]
        if len(near) == 1:
            message = f"{path} is nearly {near[0]}, which is written at {written[near[0]]}"
            yield command.finding(offset, FindingKind.PATH, message)


def _made(program: Program) -> Iterator[str]:
    for redirect in program.redirects:
        if ">" in redirect.operator:
            yield redirect.target.text
    if program.name in _MAKES:
        yield from program.operands
    elif program.name in _LAST:
        yield from program.operands[-1:]


def _parents(path: str) -> Iterator[str]:
    parts = path.split("/")
    for end in range(2, len(parts) + 1):
        yield "/".join(parts[:end])


def _in_url(text: str, offset: int) -> bool:
    before = re.split(r"[\s'\"=(]", text[:offset])[-1]
    return "://" in before or before.endswith(":") or bool(re.search(r"[\w$}.~*]\Z", before))


@lru_cache(maxsize=65536)  # an editor asks the same again and again
def _nearly(used: str, written: str) -> bool:
    """Return whether the paths differ in one part only, and probably mean the same file."""
    if used.count("/") != written.count("/"):
        return False
    one, other = used.split("/"), written.split("/")
    differing = [n for n, pair in enumerate(zip(one, other, strict=False)) if len(set(pair)) > 1]
    if len(differing) != 1:
        return False
    place = differing[0]
    left, right = one[place], other[place]
    # Numbers are meant to differ: disks, bricks, versions.
    if re.sub(r"\d+", "", left) == re.sub(r"\d+", "", right) or min(len(left), len(right)) < 5:
        return False
    if place == len(one) - 1:
        same_stem = left.partition(".")[0] == right.partition(".")[0]
        return one_apart(left, right) and not same_stem
    shared = "." in one[-1] and len(one[-1]) >= 6
    alike = difflib.SequenceMatcher(None, left, right, autojunk=False).ratio() >= 0.75
    return one_apart(left, right) or (shared and alike)


def shebang_findings(runbook: Runbook, commands: Sequence[GuideCommand]) -> Iterator[Finding]:
    """Yield scripts that the guide writes and makes executable, but that have no shebang line."""
    executable = {
        path
        for command in commands
        for program in command.programs
        if program.name == "chmod" and _EXECUTABLE.match(" ".join(program.operands[:1]))
        for path in program.operands[1:]
    }
    message = "it is made executable, but has no shebang line"
    for step in runbook.steps():
        for action in step.actions:
            if isinstance(action, FileContent) and action.edit is Edit.WHOLE:
                runs = action.path in executable or _EXECUTABLE.match(action.mode or "")
                if runs and not action.text.startswith(("#!", "\x7f")):
                    yield Finding(action.location, FindingKind.SHEBANG, message, "#!/bin/sh")
    for command in commands:
        for program in command.programs:
            for redirect in program.redirects:
                made = redirect.operator == ">" and redirect.target.text in executable
                if made and program.inputs and not program.inputs[0].startswith("#!"):
                    yield command.finding(program.offset, FindingKind.SHEBANG, message, "#!/bin/sh")


def copied_id_findings(runbook: Runbook) -> Iterator[Finding]:
    """Yield ids from the output of a command that a later command repeats."""
    printed: dict[str, Location] = {}
    typed = ""
    for step in runbook.steps():
        for action in step.actions:
            if not isinstance(action, Command | Dialogue):
                continue
            for number, text in enumerate(action.text.split("\n")):
                place = Location(action.location.document, action.location.line + number)
                for one in _ids(text):
                    if one in printed:
                        yield Finding(
                            place,
                            FindingKind.COPIED,
                            f"{one} comes from the output at {printed[one]}; "
                            "every reader gets a different one",
                            "a placeholder such as <id>, and ':capture:' in the step above",
                        )
            typed += f"\n{action.text}"
            for one in _ids(action.output or ""):
                if one not in typed:
                    printed.setdefault(one, action.location)


@lru_cache(maxsize=8192)
def _ids(text: str) -> tuple[str, ...]:
    found = [m[0] for pattern in (_UUID, _HEX, _TOKEN) for m in pattern.finditer(text)]
    return tuple(dict.fromkeys(found))


def host_findings(
    runbook: Runbook, commands: Sequence[GuideCommand], cluster: Cluster
) -> Iterator[Finding]:
    """Yield names that resemble hosts of the cluster, but are not among them."""
    names = frozenset({host.name for host in cluster.hosts} | {*cluster.groups})
    for chapter in runbook.chapters:
        for block in chapter.blocks:
            for name in block.hosts:
                if near := _near_host(name.partition(".")[0], names):
                    yield _unknown(block.location, name, near)
    for command in commands:
        for found in _HOST.finditer(command.text):
            if near := _near_host(found[0], names):
                yield _unknown(command.at(found.start()), found[0], near)


def group_findings(runbook: Runbook, cluster: Cluster) -> Iterator[Finding]:
    """Yield groups of hosts that no step names, and that are nearly one that steps name.

    The steps then leave out the hosts of such a group, and nothing else would say so.
    """
    named = {name for step in runbook.steps() for name in step.on} & {*cluster.groups}
    for host in cluster.hosts:
        for group in host.groups:
            near = [one for one in sorted(named) if len(one) > 3 and one_apart(group, one)]
            if group in named or len(near) != 1 or near[0] in host.groups:
                continue
            place = cluster.recipe.at("hosts", host.name, "groups").location
            yield Finding(
                Location(str(PLACE), place.line if place else 1),
                FindingKind.HOST,
                f"{host.name}: no step is for the group {group!r}",
                near[0],
            )


def _unknown(location: Location, name: str, near: Sequence[str]) -> Finding:
    said = ", ".join(near)
    return Finding(location, FindingKind.HOST, f"there is no host {name!r}; similar names: {said}")


@lru_cache(maxsize=8192)
def _near_host(name: str, names: frozenset[str]) -> tuple[str, ...]:
    """Return the hosts that `name` resembles, if it is not a host itself.

    That means another number after the same word, or one letter in a long name.
    """
    if name in names:
        return ()
    numbered = re.fullmatch(r"([a-z][a-z-]*?)\d+", name)
    if numbered and len(numbered[1]) > 1:
        alike = sorted(n for n in names if re.fullmatch(rf"{re.escape(numbered[1])}\d+", n))
        return tuple(alike) if len(alike) > 1 else ()
    near = (n for n in names if len(n) >= 6 and one_apart(name, n) and name != f"{n}s")
    return tuple(sorted(near))
