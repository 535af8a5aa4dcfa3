"""Classify the blocks of `prompt` directives, which name the prompt to show before each line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runbook.console.block import Block
from runbook.console.classification import Classification
from runbook.console.clues.inputs import statements
from runbook.console.clues.languages import Family, family
from runbook.console.clues.wordlists import words
from runbook.console.clues.words import LIKELY, POSSIBLE, command_likelihood, program_name
from runbook.console.entries import Entry, split
from runbook.console.prompted import transcript
from runbook.console.prompts import shell
from runbook.console.prompts.repl import repl_prompt
from runbook.console.prompts.shell import ShellPrompt
from runbook.console.prompts.style import PromptStyle, style_of
from runbook.console.unprompted import commands_among
from runbook.model import Kind

_WINDOWS: Final = re.compile(r"(?:PS |\(\w+\) )*[A-Z]:\\|PS>|PS ")
_NAMED: Final = "the directive names its prompts"
_PRINTED: Final = "the directive names its prompts; some lines look like output"
_DOUBTFUL: Final = 0.75
_NO_WORD: Final = 0.2
"""Up to this likelihood, a line is hardly typed, whatever the directive says."""


def prompt_directive(block: Block, lines: Sequence[str]) -> Classification:
    """Classify a `prompt` block."""
    language = block.options.get("language", "bash")
    given = [one.strip().strip("\"'") for one in block.options.get("prompts", "").split(",")]
    auto = "auto" in block.options.get("modifiers", "")
    if _WINDOWS.match(given[0]) or language in ("batch", "powershell"):
        return Classification(Kind.OTHER, 0.9, "these are Windows commands")
    inside = style_of(lines, session=True, script=False)
    if inside is not None and not (inside.full or inside.signs & {"$", "#"}):
        inside = None
    if inside is not None and inside.prompt(lines[0], "", ""):
        return transcript(lines, inside)
    other = language and family(language) not in (Family.SCRIPT, Family.SESSION, Family.UNSURE)
    if other or _is_program(given[0], lines, language):
        typed = _after_prompts(lines, given) if auto else lines
        reason = f"input at the prompt {given[0]!r}" if given[0] else f"input for {language}"
        inputs = tuple(statements(_name(given[0]), typed))
        return Classification(Kind.DIALOGUE, 0.9, reason, typed=inputs)
    if auto:
        return transcript(lines, inside or PromptStyle(frozenset("$#"), 0.9, _NAMED))
    return _commands(lines, _shell_prompt(given[0]), inside)


def _is_program(given: str, lines: Sequence[str], language: str) -> bool:
    """Return whether the prompt `given` is that of another program than a shell."""
    if not given or shell.full(given) or shell.short(given):
        return False
    named = shell.host_prompt(given)
    if named is None or repl_prompt(f"{given} x", "") is None:
        return named is None
    # A router's prompt looks like that of a shell on a host of this name.
    first = next((line for line in lines if line.strip()), "")
    routers = program_name(first) in words("devices")
    likely = command_likelihood(first) >= LIKELY and family(language) is Family.SCRIPT
    return routers and not likely


def _name(given: str) -> str:
    """Return the name of the program that shows the prompt `given`."""
    return "mysql" if given.endswith(("=#", "=>", "mysql>")) else given.strip("()<>#$ ")


def _after_prompts(lines: Sequence[str], given: Sequence[str]) -> list[str]:
    """Return what follows one of the prompts `given`; other lines are output."""
    shown = [(line, next((one for one in given if line.startswith(one)), "")) for line in lines]
    return [line.removeprefix(prompt) for line, prompt in shown if prompt]


def _shell_prompt(given: str) -> ShellPrompt | None:
    return shell.full(given) or shell.short(given) or shell.host_prompt(given)


def _commands(
    lines: Sequence[str], shown: ShellPrompt | None, inside: PromptStyle | None
) -> Classification:
    """Classify lines after each of which the prompt `shown` is displayed.

    Some authors show output as well, or write a prompt of their own, `inside`, in some lines.
    """
    begin = len(lines)
    more: list[Entry] = []
    if inside is not None:
        begin = next(n for n, line in enumerate(lines) if inside.prompt(line, "", ""))
        more = [
            evolve(entry, offset=begin + entry.offset)
            for entry in split(lines[begin:], inside.prompt)[1]
        ]
    found, whole = commands_among(lines[:begin])
    kept = [one for n, one in enumerate(found) if not n or not _is_bare(one.text)]
    entries = (*(evolve(entry, prompt=shown) for entry in kept), *more)
    if not entries:
        return Classification(Kind.OUTPUT, 0.6, "there is a prompt but no command")
    output = any(line.strip() for entry in entries for line in entry.output)
    kind = Kind.TRANSCRIPT if output else Kind.COMMANDS
    if output or not whole or len(kept) < len(found) or more:
        return Classification(kind, _DOUBTFUL, _PRINTED, entries)
    who = "root types" if shown and shown.sign == "#" else "an operator types"
    sure = all(command_likelihood(entry.text) > _NO_WORD for entry in entries)
    reason = f"the directive says that {who} these lines"
    return Classification(kind, 0.97 if sure else 0.7, reason, entries)


def _is_bare(text: str) -> bool:
    """Return whether `text` is a single word that names no known program."""
    return " " not in text and POSSIBLE <= command_likelihood(text) < 0.4
