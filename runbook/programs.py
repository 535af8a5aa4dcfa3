"""Which programs shell text starts, also through `sudo`, `ssh HOST`, `sh -c` or `xargs`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from attrs import evolve, frozen

from runbook.simple import Redirect, Simple, Word, split

SHELLS: Final = frozenset({"sh", "bash", "dash", "zsh", "ksh", "ash"})

_ASSIGNMENT: Final = re.compile(r"[A-Za-z_]\w*\+?=")
_DEEPEST: Final = 8
"""Shell text within shell text beyond this is left unread."""


@frozen
class _Wrapper:
    """A program that starts another one: its options with a value, and words before the other's.

    With `text` the words that are left are joined and read by a shell again.
    """

    valued: str = ""
    words: int = 0
    text: bool = False


_WRAPPERS: Final = {
    "sudo": _Wrapper("ughpCrtTUDR"),
    "doas": _Wrapper("uC"),
    "env": _Wrapper("uC"),
    "nohup": _Wrapper(),
    "setsid": _Wrapper(),
    "nice": _Wrapper("n"),
    "ionice": _Wrapper("cn"),
    "chrt": _Wrapper(words=1),
    "time": _Wrapper("fo"),
    "timeout": _Wrapper("sk", words=1),
    "stdbuf": _Wrapper("ioe"),
    "taskset": _Wrapper(words=1),
    "chroot": _Wrapper(words=1),
    "exec": _Wrapper("a"),
    "command": _Wrapper(),
    "builtin": _Wrapper(),
    "xargs": _Wrapper("nIPLdEsa"),
    "runuser": _Wrapper("ugG"),
    "watch": _Wrapper("n", text=True),
    "eval": _Wrapper(text=True),
    "ssh": _Wrapper("pilobcDeEFIJLmOQRSwWB", words=1, text=True),
    "pdsh": _Wrapper("wxgul", text=True),
    "clush": _Wrapper("wxg", text=True),
}
_WITHIN: Final = {("docker", "exec"), ("podman", "exec"), ("kubectl", "exec"), ("oc", "exec")}
_AWAY: Final = frozenset({"ssh", "pdsh", "clush", "ansible", "chroot"})
"""Programs that start others on another machine, or in another system on this one."""


@frozen
class Program:
    """A program with what it is given.

    `name` is without directories. `before` is the program whose output it reads, if it does;
    `inputs` are the texts that it reads. `elsewhere` says that it runs on another machine, or in
    another system on the same one.
    """

    name: str
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...] = ()
    inputs: tuple[str, ...] = ()
    before: Program | None = None
    elsewhere: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """Its words without the name."""
        return tuple(word.text for word in self.words[1:])

    @property
    def operands(self) -> tuple[str, ...]:
        """Its arguments that are no options."""
        given = self.arguments
        if "--" in given:
            end = given.index("--")
            return (*(a for a in given[:end] if not a.startswith("-")), *given[end + 1 :])
        return tuple(a for a in given if not a.startswith("-"))

    @property
    def offset(self) -> int:
        """Where its name stands in the text."""
        return self.words[0].offset

    def has(self, short: str, *long: str) -> bool:
        """Tell whether one of the letters `short`, or a `long` option, is among its options."""
        for argument in self.arguments:
            if argument == "--":
                return False
            if argument.startswith("--"):
                if argument.partition("=")[0] in long:
                    return True
            elif argument.startswith("-") and set(argument[1:]) & set(short):
                return True
        return False


def programs(text: str, depth: int = 0, *, elsewhere: bool = False) -> Iterator[Program]:
    """Yield every program that `text` starts, each wrapper before what it wraps.

    Offsets of what stands in a quoted text are those of the quoting program.
    """
    before: Program | None = None
    for simple in split(text):
        last: Program | None = None
        for program in _of(simple, before if simple.piped else None, depth, elsewhere):
            yield program
            last = program
        before = last or before


def _of(simple: Simple, before: Program | None, depth: int, elsewhere: bool) -> Iterator[Program]:
    words = simple.words
    if not words:
        if simple.redirects:
            first = simple.redirects[0].target
            nothing = Word("", "", first.offset)
            yield Program("", (nothing,), simple.redirects, simple.inputs, before)
        return
    while words:
        while words and _ASSIGNMENT.match(words[0].bare):
            words = words[1:]
        if not words:
            return
        name = words[0].text.rpartition("/")[2]
        program = Program(name, words, simple.redirects, simple.inputs, before, elsewhere)
        yield program
        elsewhere = elsewhere or _leads_away(program)
        if depth < _DEEPEST:
            for inner in _texts(program):
                for one in programs(inner, depth + 1, elsewhere=elsewhere):
                    yield _moved(one, program.offset)
        words = _wrapped(program)


def _moved(program: Program, offset: int) -> Program:
    words = tuple(Word(word.text, word.bare, offset) for word in program.words)
    return evolve(program, words=words)


def _leads_away(program: Program) -> bool:
    return program.name in _AWAY or (program.name, *program.arguments[:1]) in _WITHIN


def _wrapped(program: Program) -> tuple[Word, ...]:
    """Return the words of the program that this one starts."""
    words = program.words[1:]
    if program.name == "find":
        for number, word in enumerate(words):
            if word.text in ("-exec", "-execdir", "-ok", "-okdir"):
                return words[number + 1 :]
        return ()
    if words and (program.name, words[0].text) in _WITHIN:
        texts = [word.text for word in words]
        if "--" in texts:
            return words[texts.index("--") + 1 :]
        return _behind(words[1:], _Wrapper("euw", words=1))
    wrapper = _WRAPPERS.get(program.name)
    if wrapper is None or wrapper.text:
        return ()
    return _behind(words, wrapper)


def _behind(words: tuple[Word, ...], wrapper: _Wrapper) -> tuple[Word, ...]:
    """Return the words behind the wrapper's own options and words."""
    position = 0
    own = wrapper.words
    while position < len(words):
        text = words[position].text
        if text == "--":
            position += 1
            break
        if text.startswith("-") and len(text) > 1:
            # A value may also stand in the same word as its option.
            apart = not text.startswith("--") and text[-1] in wrapper.valued and len(text) == 2
            position += 2 if apart else 1
        elif own:
            own -= 1
            position += 1
        else:
            break
    return words[position + (own if position < len(words) and own else 0) :]


def _texts(program: Program) -> Iterator[str]:
    """Yield the shell texts that `program` hands to a shell."""
    words = program.words[1:]
    wrapper = _WRAPPERS.get(program.name)
    if wrapper is not None and wrapper.text:
        rest = _behind(words, wrapper)
        if rest:
            yield " ".join(word.text for word in rest)
        elif program.name == "ssh":
            yield from program.inputs
    elif program.name in SHELLS:
        yield from _script(program)
    elif program.name in ("su", "runuser", "script"):
        yield from _values(program, "-c", "--command")
    elif program.name == "ansible":
        yield from _values(program, "-a", "--args")


def _script(program: Program) -> Iterator[str]:
    given = program.arguments
    for number, argument in enumerate(given):
        if re.fullmatch(r"-[a-z]*c", argument):
            yield from given[number + 1 : number + 2]
            return
    if program.operands:
        return
    yield from program.inputs
    if program.before is not None and program.before.name in ("echo", "printf"):
        yield " ".join(program.before.operands)


def _values(program: Program, *options: str) -> Iterator[str]:
    for option, value in zip(program.arguments, program.arguments[1:], strict=False):
        if option in options:
            yield value
    for argument in program.arguments:
        name, sign, value = argument.partition("=")
        if sign and name in options:
            yield value
