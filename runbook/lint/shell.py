"""Shell text that a shell reads in another way than the author meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.blanks import blanks
from runbook.console.shell import Reader, explain
from runbook.lint.finding import Finding, Flaw
from runbook.lint.lines import Line
from runbook.model import Kind
from runbook.programs import Program

_ADDRESS: Final = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://[^\s;|<>()\0&]*(?:&[\w%-]+=[^\s;|<>()\0&]*)*"
)
_PROMPT: Final = re.compile(
    r"\s*(?:\[\w[\w.-]*@[\w.-]+[ :][^\]]*\] ?[#$]|\w[\w.-]*@[\w.-]+:[^\s$#]*[#$]"
    r"|[$#%](?= ))\s*(?=\S)"
)
_YUM: Final = re.compile(r"\$(?:releasever|basearch)\b")
_YES: Final = ("--yes", "--assume-yes", "--assumeyes", "--non-interactive", "--noconfirm")
_INSTALLERS: Final = frozenset({"yum", "dnf", "apt", "apt-get", "aptitude", "zypper"})
_CHANGES: Final = (
    frozenset(
        {"install", "localinstall", "groupinstall", "reinstall", "in", "remove", "erase", "purge"}
    )
    | {"rm", "autoremove", "upgrade", "update", "dist-upgrade", "full-upgrade", "downgrade"}
    | {"up", "dup"}
)
_LISTS: Final = frozenset({"apt", "apt-get", "aptitude"})
_INTERACTIVE: Final = frozenset(
    {"vi", "vim", "nano", "emacs", "visudo", "vipw", "less", "more", "most", "top", "htop"}
) | {"passwd", "cfdisk", "mysql_secure_installation", "alsamixer", "nmtui", "dialog", "whiptail"}
_SECRET_OPTION: Final = re.compile(
    r"--?(?:[a-z-]*-)?(?:password|passwd|passphrase|secret|token)(?:=(?P<value>.+))?\Z"
)
_IN_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:(?P<value>[^/\s:@]+)@")
_NAMED: Final = re.compile(r"\bpassword:(?P<value>[^\s:,]+)")
_NO_SECRET: Final = re.compile(
    r"[<$\[{*@%].*|.*[>}]|[A-Z][A-Z0-9_]*|x{2,}|\.{2,}|…|-.*|(?i:file(?::.+)?|env|prompt|ask|"
    r"stdin|interactive|none|true|false|random|disabled|/.*|.*\.(?:key|pem|txt|pass))"
)


def look(line: Line, filled: set[str]) -> Iterator[Finding]:
    """Yield what goes wrong with one command; `filled` are the `<name>`s that steps capture."""
    yield from _addresses(line)
    yield from _placeholders(line, filled)
    if (found := _PROMPT.match(line.text)) is not None:
        message = f"the prompt {found[0].strip()!r} is part of the command"
        yield line.finding(0, Flaw.PROMPT, message)
    reader = Reader()
    for text in line.text.split("\n"):
        reader.feed(text)
    if reader.awaits and line.kind not in (Kind.PROSE, Kind.SYNOPSIS):
        here = line.text.split("\n")[: reader.awaits.line]
        yield line.finding(len("\n".join(here)) + bool(here), Flaw.OPEN, explain(reader.awaits))
    for program in line.programs:
        yield from _here_documents(line, program)
        if not line.marked and not line.asks and line.kind is not Kind.PROSE:
            yield from _asks(line, program)
        yield from _passwords(line, program)


def _addresses(line: Line) -> Iterator[Finding]:
    for found in _ADDRESS.finditer(line.bare):
        said = found[0]
        if "&" in said:
            message = "the shell ends the command at the unquoted '&' of this address"
        elif re.search(r"\?[^\s]", said):
            message = "the unquoted '?' of this address is a pattern of file names"
        else:
            continue
        yield line.finding(found.start(), Flaw.URL, message, f"'{said}'")


def _placeholders(line: Line, filled: set[str]) -> Iterator[Finding]:
    if line.kind is Kind.SYNOPSIS:
        return
    for blank in blanks(line.text):
        at = line.bare.find(blank)
        if blank.startswith("<") and blank not in filled and at >= 0:
            message = f"the shell takes {blank} for a redirection"
            yield line.finding(at, Flaw.PLACEHOLDER, message)
    for found in re.finditer(r"(?<!\S)(?:\.\.\.|…|\[\.\.\.\])(?!\S)", line.bare):
        message = f"{found[0]} stands for what the reader has to know"
        yield line.finding(found.start(), Flaw.PLACEHOLDER, message)


def _here_documents(line: Line, program: Program) -> Iterator[Finding]:
    for redirect in program.redirects:
        if redirect.operator in ("<<", "<<-") and redirect.target.text == redirect.target.bare:
            for body in program.inputs:
                for found in _YUM.finditer(body):
                    yield line.finding(
                        max(line.text.find(found[0]), 0),
                        Flaw.EXPANDED,
                        f"the shell replaces {found[0]} in this here-document by nothing",
                        f"<< '{redirect.target.text}'",
                    )


def _asks(line: Line, program: Program) -> Iterator[Finding]:
    given = program.arguments
    if program.name in _INSTALLERS and _CHANGES & set(program.operands[:1]):
        lists = program.operands[0] in ("update", "up") and program.name in _LISTS
        answered = program.has("yqn" if program.name in _LISTS else "yn", *_YES)
        piped = program.before is not None and program.before.name in ("yes", "echo")
        if not (lists or answered or piped or program.has("h", "--help")):
            yield line.finding(
                program.offset,
                Flaw.ASKS,
                f"{program.name} {program.operands[0]} asks before it does anything",
                f"{program.name} {program.operands[0]} -y",
            )
    elif program.name in ("rm", "cp", "mv") and program.has("i"):
        yield line.finding(program.offset, Flaw.ASKS, f"{program.name} -i asks for each file")
    elif program.name in _INTERACTIVE and not {"--stdin", "--version", "-l", "-b"} & set(given):
        fed = program.name == "passwd" and program.before is not None
        if not fed:
            message = f"{program.name} waits for a person at a terminal"
            yield line.finding(program.offset, Flaw.ASKS, message)


def _passwords(line: Line, program: Program) -> Iterator[Finding]:
    for value in _secrets(program):
        if value and not _NO_SECRET.fullmatch(value):
            message = f"{program.name} gets a password on its command line, where all can read it"
            yield line.finding(program.offset, Flaw.PASSWORD, message)
            return


def _secrets(program: Program) -> Iterator[str]:
    given = program.arguments
    for argument, following in zip(given, (*given[1:], ""), strict=False):
        if found := _SECRET_OPTION.match(argument):
            yield found["value"] or ("" if argument.count("=") else _after_colon(following))
        if found := _IN_ADDRESS.match(argument):
            yield found["value"]
        if program.name == "curl" and argument in ("-u", "--user") and ":" in following:
            yield following.partition(":")[2]
        if program.name in ("mysql", "mysqladmin", "mysqldump", "mariadb"):
            yield argument[2:] if argument.startswith("-p") else ""
        if program.name == "sshpass":
            yield following if argument == "-p" else argument[2:] * argument.startswith("-p")
    fed = program.before if program.name in ("passwd", "chpasswd") else None
    if fed is not None and fed.name in ("echo", "printf"):
        yield " ".join(fed.operands).rpartition(":")[2].strip()


def _after_colon(value: str) -> str:
    """Return the password of `password:SECRET`, as some programs take it, or the value itself."""
    found = _NAMED.match(value)
    return found["value"] if found else value
