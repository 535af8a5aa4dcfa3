"""What came with a package: other packages, its configuration as it was shipped, its users.

Whoever checks that a package is there need not check each of these. A unit, a port or a file that
a step itself changes is never one of them.
"""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, field, frozen

from runbook.observation.change import Change
from runbook.observation.look import Look, sections

_MOST_NAMED = 3
_UNIT = re.compile(r"/lib/systemd/system/([^/]+)\Z")
_PROGRAM = re.compile(r"(?:/usr)?/s?bin/([^/]+)\Z")


@frozen
class Owned:
    """What some packages of a host own.

    `files` are packages by path, `digests` what a file's content was when it was shipped,
    `makers` the packages whose scripts name a user, a group or a file, and `targets` those of
    files to which links lead.
    """

    files: Mapping[str, str] = field(factory=dict)
    digests: Mapping[str, str] = field(factory=dict)
    makers: Mapping[str, str] = field(factory=dict)
    targets: Mapping[str, str] = field(factory=dict)

    def units(self, package: str) -> set[str]:
        """Return the names of the units that a package has."""
        return self._named(_UNIT, package)

    def programs(self, package: str) -> set[str]:
        """Return the names of the programs that a package has."""
        return self._named(_PROGRAM, package)

    def _named(self, pattern: re.Pattern[str], package: str) -> set[str]:
        owned = (path for path, owner in self.files.items() if owner == package)
        return {found[1] for path in owned if (found := pattern.search(path))}


def parse_owned(printed: bytes, packages: Sequence[str]) -> Owned:
    """Return what `packages` own, as the script that was asked about them has `printed` it."""
    parts, _ = sections(printed)
    files: dict[str, str] = {}
    digests: dict[str, str] = {}
    number = 0
    for line in parts.get("listed", "").splitlines():
        # One list after the other, with an empty line between them.
        number += not line
        if line and number < len(packages):
            files[line] = packages[number]
    for row in (line.split() for line in parts.get("conffiles", "").splitlines()):
        if len(row) >= 2:
            digests[row[0]] = row[1]
    for row in (line.split("\t") for line in parts.get("filed", "").splitlines()):
        if len(row) == 3:
            files[row[1]] = row[0]
            digests[row[1]] = row[2]
    makers = {}
    for line in parts.get("makers", "").splitlines():
        path, _, name = line.rpartition(":")
        makers[name] = path.rpartition("/")[2].rpartition(".")[0].partition(":")[0]
    targets = {}
    for line in parts.get("targets", "").splitlines():
        name, _, path = line.partition(": ")
        if name.partition(":")[0] in packages:
            targets[path] = name.partition(":")[0]
    return Owned(files, digests, makers, targets)


def target(change: Change) -> str:
    """Return the path to which a new link leads; empty if the change is none."""
    if change.kind != "file" or change.before or not change.after.startswith("link to "):
        return ""
    directory = posixpath.dirname(change.name)
    return posixpath.normpath(posixpath.join(directory, change.after.removeprefix("link to ")))


def changed_packages(changes: Iterable[Change]) -> list[str]:
    """Return the packages that are there now and were not, or not in this version."""
    return [one.name for one in changes if one.kind == "package" and one.after]


def is_shipped(data: bytes, digest: str) -> bool:
    """Tell whether `data` is what a package shipped, whose `digest` is MD5 or SHA-256."""
    if len(digest) == 64:
        return hashlib.sha256(data).hexdigest() == digest
    return hashlib.md5(data, usedforsecurity=False).hexdigest() == digest


def with_origins(
    changes: Sequence[Change],
    before: Look,
    after: Look,
    owned: Owned,
    asked_for: str,
    shipped: Iterable[str],
) -> tuple[Change, ...]:
    """Return `changes` with the packages that brought them.

    `asked_for` is what the step types. `shipped` are the paths of files that are as their package
    has them.
    """
    packages = [one for one in changes if one.kind == "package"]
    wanted = [one.name for one in packages if _is_wanted(one, before, after, asked_for)]
    if not wanted:
        return tuple(changes)
    with_ = ", ".join(wanted[:_MOST_NAMED]) + (" and others" if wanted[_MOST_NAMED:] else "")
    others = {one.name for one in packages} - set(wanted)
    units = {unit for name in others for unit in owned.units(name)}
    unchanged = set(shipped)

    def origin(one: Change) -> str:
        match one.kind:
            case "package":
                return "" if one.name in wanted else with_
            case "unit":
                return with_ if one.name in units else ""
            case "user" | "group" if not one.before:
                return owned.makers.get(one.name, "")
            case "file" if not one.before and not _names(asked_for, one.name):
                # What is owned must be as it was shipped; what a script makes is the package's.
                as_shipped = one.name in unchanged or not one.after.startswith("file ")
                owner = owned.files.get(one.name, "") if as_shipped else ""
                owner = owner or owned.targets.get(target(one), "")
                return owner or owned.makers.get(one.name, "")
        return ""

    return _with_directories([evolve(one, came_with=origin(one)) for one in changes], asked_for)


def _with_directories(changes: Sequence[Change], asked_for: str) -> tuple[Change, ...]:
    """Return `changes`; a new directory in which all came with packages came with them as well."""
    made: list[Change] = []
    # The innermost directory first.
    for one in sorted(changes, key=lambda change: -change.name.count("/")):
        if one.kind == "file" and one.after.startswith("directory") and not one.came_with:
            inside = [c for c in made if c.kind == "file" and c.name.startswith(f"{one.name}/")]
            came = {c.came_with for c in inside}
            if not one.before and inside and "" not in came and not _names(asked_for, one.name):
                one = evolve(one, came_with=min(came))
        made.append(one)
    by_name = {(one.kind, one.name): one for one in made}
    return tuple(by_name[one.kind, one.name] for one in changes)


def _names(text: str, path: str) -> bool:
    """Tell whether `text` names `path` itself, and no longer one."""
    return bool(re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w/]|\.\w)", text))


def _is_wanted(one: Change, before: Look, after: Look, asked_for: str) -> bool:
    """Tell whether a step asked for a package by name, or the host says that somebody did."""
    if re.search(rf"(?<![\w.+-]){re.escape(one.name)}(?![\w+-])", asked_for):
        return True
    automatic = (after if one.after else before).automatic
    return bool(automatic) and one.name not in automatic and not one.before
