"""Shell text that a shell reads differently from what the author meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.console.shell import Reader, explain
from runbook.lint.commands import GuideCommand
from runbook.lint.finding import Finding, FindingKind
from runbook.model import Kind
from runbook.model.secret_reference import REFERENCE
from runbook.shelltext.placeholders import PlaceholderKind, found_placeholders
from runbook.shelltext.program import Program

_URL: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s;|<>()\0&]*(?:&[\w%-]+=[^\s;|<>()\0&]*)*")
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
_IN_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:(?P<value>[^/\s:@]+)@")
_PREFIXED: Final = re.compile(r"\bpassword:(?P<value>[^\s:,]+)")
_NOT_SECRET: Final = re.compile(
    r"[<$\[{*@%].*|.*[>}]|[A-Z][A-Z0-9_]*|x{2,}|\.{2,}|…|-.*|(?i:file(?::.+)?|env|prompt|ask|"
    r"stdin|interactive|none|true|false|random|disabled|/.*|.*\.(?:key|pem|txt|pass))"
)


def shell_findings(command: GuideCommand, captured: set[str]) -> Iterator[Finding]:
    """Yield the mistakes in one command; `captured` are the `<name>`s that steps capture."""
    yield from _urls(command)
    yield from _placeholders(command, captured)
    if (found := _PROMPT.match(command.text)) is not None:
        message = f"the prompt {found[0].strip()!r} is part of the command"
        yield command.finding(0, FindingKind.PROMPT, message)
    reader = Reader()
    for text in command.text.split("\n"):
        reader.feed(text)
    if reader.awaits and command.kind not in (Kind.PROSE, Kind.SYNOPSIS):
        here = command.text.split("\n")[: reader.awaits.line]
        yield command.finding(
            len("\n".join(here)) + bool(here), FindingKind.OPEN, explain(reader.awaits)
        )
    for program in command.programs:
        yield from _here_documents(command, program)
        if not command.marked and not command.is_dialogue and command.kind is not Kind.PROSE:
            yield from _asks(command, program)
        yield from _passwords(command, program)


def _urls(command: GuideCommand) -> Iterator[Finding]:
    for found in _URL.finditer(command.masked):
        said = found[0]
        if "&" in said:
            message = "the unquoted '&' in this URL ends the command"
        elif re.search(r"\?[^\s]", said):
            message = "the unquoted '?' in this URL is a glob pattern"
        else:
            continue
        yield command.finding(found.start(), FindingKind.URL, message, f"'{said}'")


def _placeholders(command: GuideCommand, captured: set[str]) -> Iterator[Finding]:
    if command.kind is Kind.SYNOPSIS:
        return
    for found in found_placeholders(command.text):
        bare = command.masked[found.offset] == command.text[found.offset]
        if found.kind is PlaceholderKind.BRACKETS:
            if not bare or found.text in captured or REFERENCE.fullmatch(found.text):
                continue
            message = f"the shell reads {found.text} as a redirection"
        elif found.kind is not PlaceholderKind.EXAMPLE:
            continue
        elif found.text.startswith((".", "…", "[")):
            message = f"{found.text} is an elision, not shell syntax"
        else:
            message = f"{found.text} stands for something that the reader has to know"
        yield command.finding(found.offset, FindingKind.PLACEHOLDER, message)


def _here_documents(command: GuideCommand, program: Program) -> Iterator[Finding]:
    for redirect in program.redirects:
        if redirect.operator in ("<<", "<<-") and redirect.target.text == redirect.target.masked:
            for body in program.inputs:
                for found in _YUM.finditer(body):
                    yield command.finding(
                        max(command.text.find(found[0]), 0),
                        FindingKind.EXPANDED,
                        f"the shell expands {found[0]} in this here-document to nothing",
                        f"<< '{redirect.target.text}'",
                    )


def _asks(command: GuideCommand, program: Program) -> Iterator[Finding]:
    given = program.arguments
    if program.name in _INSTALLERS and _CHANGES & set(program.operands[:1]):
        lists = program.operands[0] in ("update", "up") and program.name in _LISTS
        answered = program.has_option("yqn" if program.name in _LISTS else "yn", *_YES)
        piped = program.piped_from is not None and program.piped_from.name in ("yes", "echo")
        if not (lists or answered or piped or program.has_option("h", "--help")):
            yield command.finding(
                program.offset,
                FindingKind.ASKS,
                f"{program.name} {program.operands[0]} asks for confirmation",
                f"{program.name} {program.operands[0]} -y",
            )
    elif program.name in ("rm", "cp", "mv") and program.has_option("i"):
        yield command.finding(
            program.offset, FindingKind.ASKS, f"{program.name} -i asks about each file"
        )
    elif program.name in _INTERACTIVE and not {"--stdin", "--version", "-l", "-b"} & set(given):
        piped = program.name == "passwd" and program.piped_from is not None
        if not piped:
            message = f"{program.name} waits for input at a terminal"
            yield command.finding(program.offset, FindingKind.ASKS, message)


def _passwords(command: GuideCommand, program: Program) -> Iterator[Finding]:
    for value in _secrets(program):
        if value and not _NOT_SECRET.fullmatch(value):
            message = (
                f"{program.name} gets a password on its command line, where everyone can read it"
            )
            yield command.finding(program.offset, FindingKind.PASSWORD, message)
            return


def _secrets(program: Program) -> Iterator[str]:
    given = program.arguments
    for argument, following in zip(given, (*given[1:], ""), strict=False):
        if found := _SECRET_OPTION.match(argument):
            yield found["value"] or ("" if argument.count("=") else _after_colon(following))
        if found := _IN_URL.match(argument):
            yield found["value"]
        if program.name == "curl" and argument in ("-u", "--user") and ":" in following:
            yield following.partition(":")[2]
        if program.name in ("mysql", "mysqladmin", "mysqldump", "mariadb"):
            yield argument[2:] if argument.startswith("-p") else ""
        if program.name == "sshpass":
            yield following if argument == "-p" else argument[2:] * argument.startswith("-p")
    piped = program.piped_from if program.name in ("passwd", "chpasswd") else None
    if piped is not None and piped.name in ("echo", "printf"):
        yield " ".join(piped.operands).rpartition(":")[2].strip()


def _after_colon(value: str) -> str:
    """Return the password of `password:SECRET`, or the value itself."""
    found = _PREFIXED.match(value)
    return found["value"] if found else value
