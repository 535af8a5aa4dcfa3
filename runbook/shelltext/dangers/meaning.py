"""What the words of a program mean: verbs of destruction, targets, programs within them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Final

from attrs import frozen

from runbook.shelltext.dangers.lists import Arguments, Rule, bold_options, names, rules, verbs
from runbook.shelltext.dangers.rules import FUNCTIONS, RuleFunction
from runbook.shelltext.dangers.sql import SQL_CLIENTS, client_dangers
from runbook.shelltext.dangers.targets import DEVICE, VITAL, target
from runbook.shelltext.program import SHELLS, Program
from runbook.shelltext.programs import programs

_VERB_WORD: Final = re.compile(r"-{0,2}[A-Za-z][A-Za-z0-9]*(?:[-_:][A-Za-z0-9]+)*(?:=\w*)?")
_PART: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")
_NOT: Final = re.compile(r"--(?:no|skip|dont|without|disable)-|.*=(?:no|false|never|0|off)\Z")
_SHORT: Final = 4
"""A command with fewer arguments than this that ends in `--help` only prints it."""

_SYSFS: Final = re.compile(r"/sys/.*/(?:delete|remove|reset|eject|unbind)")
_FETCHERS: Final = frozenset({"curl", "wget", "fetch"})
_FETCH: Final = re.compile(r"[<$]\(\s*(?:sudo\s+)?(?:curl|wget|fetch)\b")
_BEFORE_COMMAND: Final = re.compile(r"[\s:!;&|]*")
_WORD_LIKE: Final = frozenset(
    {"service", "init", "kill", "route", "http", "halt", "shutdown", "node", "install", "tar"}
    | {"snap", "set", "split", "system", "reset", "cp", "mv", "ln", "find", "php", "python"}
)
"""Names of programs that are also words of others."""


_ANY_VERB: Final = re.compile(
    "|".join(sorted({*verbs(), *(option.rstrip("*") for option in bold_options())}))
)
"""What a text has in which there is one of the verbs or options."""


@frozen
class _About:
    """What the lists say about a program, by its name."""

    function: RuleFunction | None
    rules: tuple[Rule, ...]
    has_verbs: bool
    """Whether its words may be verbs."""
    reads_sql: bool
    is_shell: bool


@lru_cache(4096)
def _about(name: str) -> _About:
    return _About(
        FUNCTIONS.get(name),
        rules("programs").of(name),
        name not in names(),
        name in SQL_CLIENTS,
        name in SHELLS or name in ("source", ".", "eval"),
    )


def reasons(program: Program) -> list[str]:
    """Return what is dangerous about `program` with its words."""
    about = _about(program.name)
    found = list(_redirected(program)) if program.redirects else []
    found += named_reasons(program)
    if about.is_shell:
        return [*found, *_downloaded(program)]
    if about.reads_sql:
        found += client_dangers(program)
    given = program.arguments
    if found or program.wraps or not about.has_verbs:
        return found
    if any(hidden_text(line) for text in program.inputs for line in _suspicious_lines(text)):
        found.append("may run a dangerous command that it is given as text")
    if not given:
        return found
    joined = " ".join(given)
    if _ANY_VERB.search(joined.lower()):
        found += _verbs(program)
    if "/" in joined and (reason := target(program)):
        found.append(reason)
    has_text = joined.count(" ") >= len(given)
    if has_text or "/" in joined or not _dangerous().isdisjoint(given) or "mkfs" in joined:
        found += _within(program)
    return found


def named_reasons(program: Program) -> list[str]:
    """Return the reasons that the list of programs and the functions know by its name."""
    about = _about(program.name)
    if not (about.rules or about.function):
        return []
    if program.arguments[-1:] == ("--help",) and len(program.arguments) < _SHORT:
        return []
    found = [rule.reason for rule in about.rules if rule.match(program)]
    if about.function and (reason := about.function(program)):
        found.insert(0, reason)
    return found


def _downloaded(program: Program) -> Iterator[str]:
    piped = program.piped_from is not None and program.piped_from.name in _FETCHERS
    if piped or any(_FETCH.match(argument) for argument in program.arguments):
        yield "runs a downloaded script without review"


def _verbs(program: Program) -> Iterator[str]:
    """Yield what the verbs among the words of `program` do."""
    for word in program.arguments:
        if not _VERB_WORD.fullmatch(word) or _NOT.match(word):
            continue
        is_option = word.startswith("-")
        if is_option:
            for option, reason in bold_options().items():
                if fnmatchcase(word.partition("=")[0], option):
                    if not _is_harmless(program, word.partition("=")[0]):
                        yield f"{word} {reason}"
                    break
        for part in _PART.findall(word.partition("=")[0]):
            verb = part.lower()
            if verb in verbs() and not (is_option and verb == "format"):
                if not _is_harmless(program, verb):
                    yield f"{word} {verbs()[verb]}"
                break


def _is_harmless(program: Program, verb: str) -> bool:
    """Return whether `verb` does no harm among the words of `program`."""
    for rule in rules("harmless").of(program.name):
        if not rule.arguments:
            return True
        for one in rule.arguments:
            if one.match(program, certain=True) and verb in (_verbs_in(one) or (verb,)):
                return True
    return False


def _verbs_in(arguments: Arguments) -> tuple[str, ...]:
    """Return the verbs among the words of a line of the list, and its options that are bold."""
    found = []
    for word in (*arguments.options, *arguments.operands):
        if any(fnmatchcase(word, option) for option in bold_options()):
            found.append(word)
        found += (part.lower() for part in _PART.findall(word) if part.lower() in verbs())
    return tuple(found)


def _within(program: Program) -> Iterator[str]:
    """Yield the dangers of programs that `program` may start: words that are such programs."""
    known = is_dangerous(program.name)
    dangerous = _dangerous()
    for number, text in enumerate(program.arguments, 1):
        if program.words[number].parts:
            continue
        name = text.rpartition("/")[2]
        if " " not in text and (known or not (name in dangerous or name.startswith("mkfs"))):
            continue
        if " " in text and hidden_text(text):
            if not (program.name == "git" and "commit" in program.operands[:1]):
                yield "may run a dangerous command that it is given as text"
        elif not known and is_dangerous(name) and name not in _WORD_LIKE:
            if program.name in rules("harmless") and program.operands[:1] != (text,):
                continue
            for reason in named_reasons(Program(name, program.words[number:])):
                yield f"may start {name}, which {reason}"


def is_dangerous(name: str) -> bool:
    """Return whether the program `name` may be dangerous by itself."""
    return name in FUNCTIONS or name in rules("programs")


def is_always_dangerous(name: str) -> bool:
    """Return whether nearly everything that the program `name` does is dangerous."""
    always = any(not (rule.arguments or rule.unless) for rule in rules("programs").of(name))
    return always or name in ("rm", "dd")


@cache
def _dangerous() -> frozenset[str]:
    return frozenset({*FUNCTIONS, *rules("programs").exact})


@cache
def _dangerous_names() -> re.Pattern[str]:
    found = _dangerous() - _WORD_LIKE
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, found))}|mkfs\S*)(?![\w-])")


def _suspicious_lines(text: str) -> list[str]:
    """Return the lines of a here-document in which dangerous programs are named."""
    if not _dangerous_names().search(text):
        return []
    return [line for line in text.split("\n") if _dangerous_names().search(line)]


def hidden_text(text: str) -> bool:
    """Return whether `text` is a dangerous command."""
    if not _dangerous_names().search(text):
        return False
    for one in (text, text.rpartition("=")[2], text[2:] if text.startswith("-") else ""):
        for program in programs(_BEFORE_COMMAND.sub("", one, count=1)):
            if is_dangerous(program.name) and named_reasons(program):
                return True
    return False


def _prints_nothing(program: Program) -> bool:
    if program.name == "cat":
        return program.arguments == ("/dev/null",)
    return program.name in ("", ":", "true") and not program.wraps


def _redirected(program: Program) -> Iterator[str]:
    for redirect in program.redirects:
        path = redirect.target.text
        if ">" not in redirect.operator or redirect.operator == ">&":
            continue
        if path == "/proc/sysrq-trigger":
            yield "triggers a SysRq function of the kernel"
        elif DEVICE.fullmatch(path):
            yield f"overwrites the device {path}"
        elif _SYSFS.fullmatch(path):
            yield "removes a device, or sets it back"
        elif redirect.operator in (">", ">|") and _prints_nothing(program):
            yield "empties a file"
        elif ">>" not in redirect.operator and VITAL.fullmatch(path):
            yield f"replaces {path}, which the system may need to boot"
