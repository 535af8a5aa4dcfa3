"""Classify blocks that show prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from runbook.console.classification import Classification
from runbook.console.clues.wordlists import words
from runbook.console.clues.words import (
    KNOWN,
    POSSIBLE,
    command_likelihood,
    is_known_program,
    is_sentence,
    program_name,
)
from runbook.console.entries import Entry, script, split
from runbook.console.prompts.style import PromptStyle
from runbook.model import Kind
from runbook.shelltext.pattern import any_of

_SILENT: Final = any_of(
    r"(?:sudo )?(?:yum|apt|apt-get|dnf|pip|service|systemctl|chkconfig|sysctl|setenforce)\s",
    r"(?:sudo )?(?:mkdir|chown|chmod|cp|mv|rm|cd|ln|touch|tar|wget|useradd|mount|umount)\s",
    r"(?:sudo )?(?:swapoff|export|source|\.)\s",
)
"""Commands whose output guides do not show."""

_MAX_FORGOTTEN: Final = 2
"""An author forgets one or two prompts; more lines without a prompt are output."""

_MISSING: Final = "the prompt is missing"


def transcript(lines: Sequence[str], style: PromptStyle) -> Classification:
    """Classify a block whose prompts match `style`."""
    preamble, entries = split(lines, style.prompt, style.first)
    if not entries:
        return Classification(Kind.OUTPUT, 0.6, "there is a prompt but no command")
    if _are_for_a_device(entries):
        typed = tuple(entry.text for entry in entries)
        return Classification(Kind.DIALOGUE, 0.85, "input for a network device", typed=typed)
    entries = [
        *_before_first_prompt(preamble, entries[0]),
        *_with_forgotten_prompts(entries, lines),
    ]
    confidence, reason = style.confidence, style.reason
    if min(command_likelihood(e.text) for e in entries) < POSSIBLE:
        confidence = min(confidence, 0.7)
        reason += "; some commands look unusual"
    output = any(line.strip() for e in entries for line in e.output)
    return Classification(
        Kind.TRANSCRIPT if output else Kind.COMMANDS, confidence, reason, tuple(entries)
    )


def _are_for_a_device(entries: Sequence[Entry]) -> bool:
    """Return whether a network device has commands of these names, and a shell has not."""
    names = {program_name(entry.text) for entry in entries}
    return names <= words("devices") and any(
        name not in words("words") and not is_known_program(name) for name in names - {"exit"}
    )


def _before_first_prompt(preamble: Sequence[str], first: Entry) -> list[Entry]:
    """Return the lines before the `first` entry with a prompt as entries, if they are commands."""
    lead = script(preamble)
    if len(lead) > _MAX_FORGOTTEN:
        return []
    if not all(command_likelihood(e.text) >= KNOWN and not is_sentence(e.text) for e in lead):
        return []
    return [evolve(e, prompt=first.prompt, notes=(*e.notes, _MISSING)) for e in lead]


def _with_forgotten_prompts(entries: list[Entry], lines: Sequence[str]) -> list[Entry]:
    """Return `entries`, with commands whose prompt the author forgot as entries of their own."""
    printed = [line for e in entries for line in e.output if line.strip()]
    if not printed or len(printed) > _MAX_FORGOTTEN or len(entries) < 2:
        return entries
    if not all(_SILENT.match(line) and command_likelihood(line) >= KNOWN for line in printed):
        return entries
    found: list[Entry] = []
    for entry in entries:
        if not entry.output or not _SILENT.match(entry.text):
            found.append(entry)
            continue
        found.append(evolve(entry, output=()))
        start = entry.offset + entry.text.count("\n") + 1
        found += [
            evolve(more, offset=start + more.offset, prompt=entry.prompt, notes=(_MISSING,))
            for more in script(lines[start : start + len(entry.output)])
        ]
    return found
