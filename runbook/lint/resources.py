"""What a step makes and uses: files, packages, commands, units, users, virtual machines and so on.

It is told from the commands and files of the step, never from its checks. What cannot be told,
such as a name that only a running shell knows, is left out, or taken for made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import define, field

from runbook.lint.resource_lists import Clause, Line, ignored, line_of, text_patterns
from runbook.lint.things import Event, Role, Thing
from runbook.model import Command, Dialogue, Edit, FileContent, Location, Manual, Step
from runbook.shelltext.programs import Program, programs
from runbook.shelltext.variables import Variables

_PATH: Final = re.compile(r"(?:\A|[=@,]|\bfile:)(/[^\s=@,:;\"'()<>|&]+)")
_PATH_IN_TEXT: Final = re.compile(r"(?<![\w/:.$}~*])/[\w.+@-]+(?:/[\w.+@-]+)+")
_UNKNOWN: Final = re.compile(r"[$*?\[`<]|\{\}")
_UNIT_FILE: Final = re.compile(
    r"/etc/systemd/system/([\w.@-]+)\.(?:service|socket|timer|mount|path)"
)
_UNIT: Final = re.compile(r"\.(?:service|socket|timer|mount|path|target)\Z")
_EXPORTS: Final = re.compile(r"/etc/exports(?:\.d/.*)?")
_COMMAND: Final = re.compile(r"/(?:\w+/)*s?bin/([\w.+-]+)")
_XML_NAME: Final = re.compile(r"<name>\s*([^<\s]+)\s*</name>")
_TOLD_IN_FILES: Final = ("/root/", "/etc/")
"""Where a path in the text of a program or unit is of its own host, and not of a server."""

_HOME: Final = "/root"
"""Where a session begins."""

_REMOTE: Final = re.compile(r"([\w.-]+):(/\S*)")


@define
class Reader:
    """Reads the steps of a guide; `contents` are the texts of the files they have written."""

    contents: dict[str, str] = field(factory=dict)

    def events(self, step: Step) -> list[Event]:
        """Return what `step` does with which things, in its order."""
        found = [_provided(name, step.location) for name in step.provides]
        for action in step.actions:
            match action:
                case FileContent():
                    found += self._file(action)
                case Command() | Dialogue():
                    found += self._command(action)
                case Manual():
                    paths = _PATH_IN_TEXT.findall(action.text)
                    found += [_event(Role.MENTIONS, "file", p, action.location) for p in paths]
        return [one for one in found if one.thing.name or one.prefix]

    def _file(self, action: FileContent) -> Iterator[Event]:
        where = action.location
        if "<" in action.path:
            yield _event(Role.MAKES, "file", action.path, where)
            return
        whole = action.edit is Edit.WHOLE
        self.contents[action.path] = action.text
        role = Role.MAKES if whole else Role.LEAVES
        yield _event(role, "file", action.path, where)
        if action.owner:
            user = action.owner.partition(":")[0]
            yield _event(Role.USES, "user", user, where)
        if unit := _UNIT_FILE.fullmatch(action.path):
            yield _event(Role.MAKES, "unit", unit[1], where)
        if command := _COMMAND.fullmatch(action.path):
            yield _event(Role.MAKES, "command", command[1], where)
        if _EXPORTS.fullmatch(action.path):
            for line in action.text.splitlines():
                if line.startswith("/"):
                    yield _event(Role.MAKES, "export", line.split()[0], where)

    def _command(self, action: Command | Dialogue) -> Iterator[Event]:
        host = action.place.host if action.place else ""
        variables = Variables()
        for program in programs(action.text, variables):
            if program.elsewhere:
                continue
            line = action.location.line + action.text.count("\n", 0, program.offset)
            where = Location(action.location.document, line)
            found = (*self._redirects(program, variables, where), *self._program(program, where))
            yield from (_at(one, host) for one in found) if host else found

        if isinstance(action, Dialogue):
            for turn in action.turns:
                asked = f"{turn.prompt} {turn.answer or ''}"
                for one in _in_text(asked, action.location):
                    yield _at(one, host) if host else one

    def _redirects(
        self, program: Program, variables: Variables, where: Location
    ) -> Iterator[Event]:
        for redirect in program.redirects:
            for form in variables.forms((redirect.target,)):
                path = "".join(word.text for word in form)
                if not path.startswith("/"):
                    continue
                if ">" in redirect.operator:
                    yield _event(Role.MAKES, "file", path, where)
                    if program.inputs:
                        self.contents[path] = program.inputs[0]
                elif redirect.operator == "<":
                    yield from self._used(path, where)

    def _program(self, program: Program, where: Location) -> Iterator[Event]:
        if not program.words or program.name in ignored() or program.wraps:
            return
        for word in program.arguments:
            yield from _in_text(word, where)
        yield _event(Role.USES, "command", program.name, where)
        if program.words[0].text.startswith("/"):
            yield from self._used(program.words[0].text, where, Role.MENTIONS)
        told: set[str] = set()
        if (found := line_of(program)) is not None:
            line, operands = found
            # What is used is used before anything is made.
            for clause in sorted(line.clauses, key=lambda one: one.makes):
                for word in _selected(program, operands, clause, line):
                    told.add(word)
                    yield from self._clause(clause, word, where)
        for word in program.arguments:
            for path in _PATH.findall(word):
                if path not in told and word not in told:
                    yield from self._used(path, where, Role.MENTIONS)
        if place := _worked_in(program):
            yield _event(Role.LEAVES, "file", place, where, tree=True)

    def _clause(self, clause: Clause, word: str, where: Location) -> Iterator[Event]:
        role = Role.MAKES if clause.makes else Role.USES
        match clause.kind:
            case "file" | "directory" | "tree" | "mount":
                if not word.startswith("/"):
                    if word == "*":
                        yield _event(role, clause.kind, word, where)
                    return
                if role is Role.USES:
                    yield from self._used(word, where)
                    return
                if clause.kind == "directory" and word.startswith(("/etc/", "/usr/", "/var/")):
                    role = Role.LEAVES
                if clause.kind == "mount":
                    yield _event(role, "mount", word.rstrip("/"), where)
                tree = clause.kind in ("tree", "mount")
                yield _event(role, "file", word, where, tree=tree)
            case "unit":
                name = _UNIT.sub("", word)
                yield _event(role, "unit", name, where)
                yield from self._within(f"/etc/systemd/system/{name}.service", where)
            case "export":
                if remote := _REMOTE.fullmatch(word):
                    yield _at(_event(role, "export", remote[2], where), remote[1])
            case "vm" | "network" if word.startswith("/"):
                text = self.contents.get(word)
                names = _XML_NAME.findall(text)[:1] if text else ["$"]
                yield from (_event(role, clause.kind, name, where) for name in names)
            case kind:
                if not word.startswith(("/", "-")):
                    yield _event(role, kind, word, where)

    def _used(self, path: str, where: Location, role: Role = Role.USES) -> Iterator[Event]:
        yield _event(role, "file", path, where)
        yield from self._within(path, where)

    def _within(self, path: str, where: Location) -> Iterator[Event]:
        """Yield the paths in the text of a file that is used."""
        for other in dict.fromkeys(_PATH_IN_TEXT.findall(self.contents.get(path, ""))):
            if other != path and other.startswith(_TOLD_IN_FILES):
                yield _event(Role.MENTIONS, "file", other.rstrip("."), where)
        yield from _in_text(self.contents.get(path, ""), where)


def _worked_in(program: Program) -> str:
    """Return the directory in which things with relative names are made from now on, or nothing."""
    name, operands = program.name, program.operands
    if name in ("cd", "pushd"):
        place = operands[0] if operands else _HOME
        place = _HOME if place in ("~", "$HOME") else place
        return place if place.startswith("/") and place != "/" else ""
    unpacks = (
        name in ("tar", "unzip", "cpio")
        or (name == "git" and operands[:1] == ("clone",))
        or (name == "wget" and not program.has_option("O", "--output-document"))
        or (name == "curl" and program.has_option("O", "--remote-name"))
    )
    here = unpacks and not any(_PATH.search(word) for word in program.arguments)
    return _HOME if here else ""


def _event(role: Role, kind: str, name: str, where: Location, *, tree: bool = False) -> Event:
    if kind == "file":
        name = name.rstrip("/") or "/"
    if unknown := _UNKNOWN.search(name):
        # Nobody can tell what is used. What is made is there from now on, whatever it is called.
        if role is Role.USES:
            return Event(role, Thing(kind, ""), where)
        thing = Thing(kind, name[: unknown.start()])
        return Event(Role.LEAVES, thing, where, tree=tree, prefix=True)
    return Event(role, Thing(kind, name), where, tree=tree)


def _in_text(text: str, where: Location) -> Iterator[Event]:
    """Yield what text for an engine makes and uses."""
    for makes, kind, pattern in text_patterns():
        for name in pattern.findall(text):
            yield _event(Role.MAKES if makes else Role.USES, kind, name, where)


def _at(event: Event, host: str) -> Event:
    return Event(event.role, event.thing, event.location, host, event.tree, event.prefix)


def _provided(text: str, where: Location) -> Event:
    thing, _, host = text.partition("@")
    if thing.startswith("/"):
        return Event(Role.MAKES, Thing("file", thing), where, host, tree=True)
    kind, _, name = thing.partition(":")
    return Event(Role.MAKES, Thing(kind, name), where, host)


def _selected(
    program: Program, operands: tuple[str, ...], clause: Clause, line: Line
) -> Iterator[str]:
    for where in clause.where:
        if where == "all":
            yield from operands
        elif where == "paths":
            values = {value for name in line.valued for value in _values(program, name)}
            yield from (one for one in operands if one[0] == "/" and one not in values)
        elif where == "last":
            yield from operands[-1:]
        elif where == "rest":
            yield from operands[:-1]
        elif where.startswith("="):
            yield where[1:]
        elif where.isdecimal():
            yield from operands[int(where) - 1 : int(where)]
        elif where.startswith("xml:"):
            number = int(where[4:])
            yield from operands[number - 1 : number]
        else:
            yield from _values(program, where)


def _values(program: Program, where: str) -> Iterator[str]:
    """Yield the values of an option, as `--disk:path` or `--data@` in part only."""
    where, _, suffix = where.partition("+")
    option, _, key = where.partition(":")
    at = option.endswith("@")
    option = option.removesuffix("@")
    given = program.arguments
    for number, word in enumerate(given):
        if word == option:
            value = given[number + 1] if number + 1 < len(given) else ""
        elif word.startswith(f"{option}=") and option.startswith("--"):
            value = word.partition("=")[2]
        else:
            continue
        if key:
            entries = dict(entry.partition("=")[::2] for entry in value.split(","))
            value = entries.get(key, "")
        if at:
            value = value[1:] if value.startswith("@") else ""
        if value:
            yield value + suffix
