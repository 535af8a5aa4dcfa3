"""Read blocks whose prompts say what is typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runbook.console import shellprompt
from runbook.console.block import Block
from runbook.console.entries import Entry, script, split
from runbook.console.languages import Family, family
from runbook.console.pattern import any_of
from runbook.console.shellprompt import ShellPrompt
from runbook.console.style import Style, style_of
from runbook.console.verdict import Verdict
from runbook.console.words import KNOWN, POSSIBLE, sentence, typed
from runbook.model import Kind

_SILENT: Final = any_of(
    r"(?:sudo )?(?:yum|apt|apt-get|dnf|pip|service|systemctl|chkconfig|sysctl|setenforce)\s",
    r"(?:sudo )?(?:mkdir|chown|chmod|cp|mv|rm|cd|ln|touch|tar|wget|useradd|mount|umount)\s",
    r"(?:sudo )?(?:swapoff|export|source|\.)\s",
)
"""Commands of whose output a guide shows nothing."""

_FORGOTTEN: Final = 2
"""An author forgets a prompt once or twice; more lines without one are output."""

_NOT_TYPED: Final = "*+|"
"""What begins the lines of lists and tables."""

_MISSING: Final = "its prompt is missing"


def transcript(lines: Sequence[str], style: Style) -> Verdict:
    """Read a block in which `style` says what a prompt is."""
    preamble, entries = split(lines, style.prompt)
    if not entries:
        return Verdict(Kind.OUTPUT, 0.6, "a prompt, and nothing typed")
    entries = [*_before(preamble), *_with_forgotten(entries, lines)]
    confidence, reason = style.confidence, style.reason
    if min(typed(e.text) for e in entries) < POSSIBLE:
        confidence = min(confidence, 0.7)
        reason += "; some of what is typed looks unusual"
    output = any(line.strip() for e in entries for line in e.output)
    return Verdict(Kind.TRANSCRIPT if output else Kind.COMMANDS, confidence, reason, tuple(entries))


def _before(preamble: Sequence[str]) -> list[Entry]:
    """Return the commands before the first prompt, if that is what the lines there are."""
    lead = script(preamble)
    if len(lead) > _FORGOTTEN:
        return []
    if not all(typed(e.text) >= KNOWN and not sentence(e.text) for e in lead):
        return []
    return [evolve(e, notes=(*e.notes, _MISSING)) for e in lead]


def _with_forgotten(entries: list[Entry], lines: Sequence[str]) -> list[Entry]:
    """Return `entries` with a command whose prompt the author forgot."""
    printed = [line for e in entries for line in e.output if line.strip()]
    if not printed or len(printed) > _FORGOTTEN or len(entries) < 2:
        return entries
    if not all(_SILENT.match(line) and typed(line) >= KNOWN for line in printed):
        return entries
    found: list[Entry] = []
    for entry in entries:
        if not entry.output or not _SILENT.match(entry.text):
            found.append(entry)
            continue
        found.append(evolve(entry, output=()))
        behind = entry.offset + entry.text.count("\n") + 1
        found += [
            evolve(more, offset=behind + more.offset, notes=(_MISSING,))
            for more in script(lines[behind : behind + len(entry.output)])
        ]
    return found


def prompt_directive(block: Block, lines: Sequence[str]) -> Verdict:
    """Read a block whose directive gives the prompt, and the page shows it before each line."""
    language = block.options.get("language", "bash")
    given = block.options.get("prompts", "")
    inside = style_of(lines, session=True, script=False)
    if inside and (re.match(r"[$#] ", lines[0]) or shellprompt.full(lines[0])):
        return transcript(lines, inside)
    if family(language) not in (Family.SCRIPT, Family.SESSION) and language:
        texts = tuple(line.strip() for line in lines if line.strip())
        reason = f"what is typed at the prompt of {language}"
        return Verdict(Kind.DIALOGUE, 0.9, reason, typed=texts)
    if "auto" in block.options.get("modifiers", ""):
        said = Style(frozenset("$#"), 0.9, "the directive says what its prompts are")
        return transcript(lines, inside or said)
    shown = _given(given)
    entries = tuple(evolve(e, prompt=shown) for e in script(lines) if not _is_printed(e.text))
    who = "root types this" if shown and shown.sign == "#" else "this is typed at a prompt"
    sure = all(typed(e.text) > 0.2 for e in entries)
    return Verdict(Kind.COMMANDS, 0.97 if sure else 0.7, f"the directive says that {who}", entries)


def _is_printed(text: str) -> bool:
    return text[0] in _NOT_TYPED or (sentence(text) and typed(text) < POSSIBLE)


def _given(prompts: str) -> ShellPrompt | None:
    """Return the prompt that a directive gives, as `#` or `admin@host:~$`."""
    first = prompts.split(",")[0].strip().strip("\"'")
    return shellprompt.full(first) or shellprompt.short(first)
