"""The state of a shell as shell text: what differs from how it was when it was set up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from attrs import frozen

from runbook.model.actions import Start
from runbook.terminal.bash import quote
from runbook.terminal.declarations import UnreadableError, Variable, parse, word

# What bash sets itself, and what has to do with our own terminal and marks.
_IGNORED: Final = re.compile(
    r"(?:_|COPROC(?:_PID)?|DIRSTACK|EPOCH(?:REALTIME|SECONDS)|E?UID|FUNCNAME|GROUPS|HISTCMD|LINENO"
    r"|PIPESTATUS|PPID|PROMPT_COMMAND|PS[012]|PWD|S?RANDOM|SECONDS|SHELLOPTS|SHLVL"
    r"|BASH(?!_ENV\Z).*|__runbook_.*)\Z"
)
_OF_THE_TERMINAL: Final = frozenset({"COLUMNS", "LINES"})
_KEPT_OPTIONS: Final = frozenset({"emacs", "histexpand", "history", "vi"})
_KEPT_SHOPTS: Final = frozenset({"login_shell", "restricted_shell"})
_LAST_OPTIONS: Final = ("posix", "nounset", "errexit", "xtrace", "verbose")
"""Options in whose presence the rest of the state might not be given back, or be shown."""
_IDENTITY: Final = frozenset({"HOME", "LOGNAME", "SHELL", "USER"})
"""Variables that su sets for the new user."""
_FUNCTION: Final = re.compile(rb"declare -(\S+) (.+)")

Secrecy = Callable[[bytes], bool]
"""Whether a text contains a secret."""


@frozen
class Function:
    """A function: the letters of its attributes, and its definition."""

    flags: str
    text: bytes


@frozen
class Snapshot:
    """The state of a shell at one moment. `options` are those of `set -o`, `shopts` of `shopt`."""

    directory: bytes
    umask: str
    variables: Mapping[str, Variable]
    functions: Mapping[str, Function]
    aliases: Mapping[str, bytes]
    options: frozenset[str]
    shopts: frozenset[str]

    @classmethod
    def parse(cls, output: bytes, separator: str) -> Snapshot:
        """Return the state in the output of `__runbook_state`.

        Raises:
            UnreadableError: it is no such output, or something was printed into it.

        """
        parts = output.split(f"{separator}\n".encode())
        if len(parts) != 5 or parts[4]:
            raise UnreadableError(f"{len(parts)} parts")
        variables = parse(parts[0])
        umask, _, directory = parts[3].removesuffix(b"\n").partition(b"\n")
        if not re.fullmatch(rb"[0-7]{3,4}", umask) or not directory.startswith(b"/"):
            raise UnreadableError(repr(parts[3]))
        return cls(
            directory,
            umask.decode(),
            {name: variable for name, variable in variables.items() if _counts(name, variable)},
            _functions(parts[1], parts[2]),
            {
                key.decode(errors="surrogateescape"): value
                for key, value in variables.get("BASH_ALIASES", Variable()).elements or ()
            },
            _names(variables.get("SHELLOPTS")) - _KEPT_OPTIONS,
            _names(variables.get("BASHOPTS")) - _KEPT_SHOPTS,
        )


@frozen
class Difference:
    """Shell text that makes a state out of another one, and the names of what cannot be kept."""

    script: str = ""
    lost: tuple[str, ...] = ()


def difference(before: Snapshot, after: Snapshot, is_secret: Secrecy) -> Difference:
    """Return what makes `after` out of `before`, without what contains a secret."""
    lost: list[str] = []
    lines: list[str] = []
    if is_secret(after.directory):
        lost.append("PWD")
    elif after.directory != before.directory:
        lines.append(f"cd -- {word(after.directory)}")
    if after.umask != before.umask:
        lines.append(f"umask {after.umask}")
    lines += _switched("shopt -s", "shopt -u", before.shopts, after.shopts)
    lines += _variables(before.variables, after.variables, is_secret, lost)
    lines += _changed_functions(
        before.functions,
        after.functions,
        is_secret,
        lost,
        expands="expand_aliases" in after.shopts,
    )
    for name, value in after.aliases.items():
        if before.aliases.get(name) == value:
            continue
        if is_secret(value):
            lost.append(name)
        else:
            lines.append(f"alias -- {word(name.encode(errors='surrogateescape') + b'=' + value)}")
    lines += [
        f"unalias -- {word(name.encode(errors='surrogateescape'))}"
        for name in before.aliases
        if name not in after.aliases
    ]
    lines += _switched("set -o", "set +o", before.options, after.options)
    return Difference("".join(f"{line}\n" for line in lines), tuple(dict.fromkeys(lost)))


def inherited(before: Snapshot, now: Snapshot, start: Start) -> Difference:
    """Return what makes a shell that is opened in the state `now` out of a new login shell.

    `before` is how the shell around it was as a login shell. The new one gets what a process gets
    from its parent, as far as `start` says.
    """
    umask = int(now.umask, 8) | (0o022 if start is Start.DIRECTORY else 0)
    # A directory that the new user may not enter is one in which they can do nothing.
    lines = [f"cd -- {word(now.directory)} 2>/dev/null || cd /", f"umask {umask:04o}"]
    if start is not Start.DIRECTORY:
        lines += _exported(before.variables, now.variables, start)
    if start in (Start.VARIABLES, Start.ENVIRONMENT):
        functions = {name: one for name, one in now.functions.items() if "x" in one.flags}
        lines += _changed_functions(
            {name: before.functions[name] for name in functions if name in before.functions},
            functions,
            lambda _: False,
            [],
            expands="expand_aliases" in before.shopts,
        )
    return Difference("".join(f"{line}\n" for line in lines))


def _exported(
    before: Mapping[str, Variable], now: Mapping[str, Variable], start: Start
) -> Iterator[str]:
    """Yield what gives a new login shell the exported variables of `now`."""
    own = _IDENTITY if start is Start.VARIABLES else frozenset()
    logins = {name for name, one in before.items() if "x" in one.flags}
    exported = {name: one for name, one in now.items() if "x" in one.flags}
    for name, one in exported.items():
        if name in own or one.value is None or (start is Start.PROFILE and name in logins):
            continue
        if start is Start.ENVIRONMENT and name in logins and one.value == before[name].value:
            continue
        # The new shell may have made one read-only; it would do so in front of a reader.
        yield f"export {name}={word(one.value)} 2>/dev/null || :"
    if start is not Start.PROFILE:
        yield from (f"unset -v {name} || :" for name in sorted(logins - exported.keys() - own))


def _counts(name: str, variable: Variable) -> bool:
    if _IGNORED.match(name):
        return False
    return name not in _OF_THE_TERMINAL or "x" in variable.flags


def _names(variable: Variable | None) -> frozenset[str]:
    value = b"" if variable is None or variable.value is None else variable.value
    return frozenset(value.decode(errors="replace").split(":")) - {""}


def _functions(attributes: bytes, definitions: bytes) -> dict[str, Function]:
    """Return the functions in the outputs of `declare -F` and `declare -f`, of the same order."""
    names = []
    for line in attributes.splitlines():
        match = _FUNCTION.fullmatch(line)
        if match is None:
            raise UnreadableError(repr(line))
        names.append((match[1].decode(), match[2]))
    places: list[int] = []
    for _, name in names:
        head = re.compile(rb"^(?:function )?" + re.escape(name) + rb" \(\) \n", re.MULTILINE)
        match = head.search(definitions, places[-1] + 1 if places else 0)
        if match is None:
            raise UnreadableError(repr(name))
        places.append(match.start())
    texts = [
        definitions[start:end]
        for start, end in zip(places, [*places[1:], len(definitions)], strict=True)
    ]
    return {
        name.decode(errors="surrogateescape"): Function(flags.replace("f", ""), text)
        for (flags, name), text in zip(names, texts, strict=True)
        if not name.startswith(b"__runbook_")
    }


def _switched(on: str, off: str, before: frozenset[str], after: frozenset[str]) -> Iterator[str]:
    names = sorted(before ^ after, key=lambda name: (name in _LAST_OPTIONS, name))
    for name in names:
        yield f"{on if name in after else off} {name}"


def _variables(
    before: Mapping[str, Variable],
    after: Mapping[str, Variable],
    is_secret: Secrecy,
    lost: list[str],
) -> Iterator[str]:
    yield from (f"unset -v {name}" for name in before if name not in after)
    # A reference is made last, so that what it refers to is not taken for it.
    for name, variable in sorted(after.items(), key=lambda item: "n" in item[1].flags):
        earlier = before.get(name)
        if variable == earlier:
            continue
        if any(map(is_secret, variable.texts())):
            lost.append(name)
            continue
        if earlier is not None and earlier.flags != variable.flags:
            # Attributes are only ever added.
            yield f"unset -v {name}"
        yield variable.statement(name)


def _changed_functions(
    before: Mapping[str, Function],
    after: Mapping[str, Function],
    is_secret: Secrecy,
    lost: list[str],
    *,
    expands: bool,
) -> Iterator[str]:
    yield from (f"unset -f -- {_name(name)}" for name in before if name not in after)
    changed = []
    for name, function in after.items():
        if function == before.get(name):
            continue
        if is_secret(function.text):
            lost.append(name)
            continue
        text = function.text.removesuffix(b"\n").decode(errors="surrogateescape")
        try:
            text.encode()
        except UnicodeEncodeError:
            text = f"eval {quote(text)}"
        changed.append(text)
        if function.flags:
            changed.append(f"declare -f{function.flags.replace('-', '')} -- {_name(name)}")
    if changed:
        # In the text of a function all aliases have been replaced already.
        yield from ("shopt -u expand_aliases", *changed)
        if expands:
            yield "shopt -s expand_aliases"


def _name(name: str) -> str:
    return word(name.encode(errors="surrogateescape"))
