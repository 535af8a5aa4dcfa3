"""Decide what a block is, from its language, its prompts, its words and what announces it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from runbook.console import repl, shapes
from runbook.console.announced import Expected
from runbook.console.block import Block
from runbook.console.filetext import opened
from runbook.console.languages import Family, family, language_of
from runbook.console.prompted import prompt_directive, transcript
from runbook.console.style import Style, style_of
from runbook.console.surroundings import Hints
from runbook.console.unprompted import of_nothing, of_shell
from runbook.console.verdict import Verdict
from runbook.console.words import KNOWN, LIKELY, PROBABLE, typed
from runbook.model import Kind

_TITLED = "the text names {} as the block's title"
_TYPED_IN = "these lines are typed into a program that is open"


def classify(block: Block, said: Hints, program: str) -> Verdict:
    """Return what `block` is; `program` is one that an earlier block left open."""
    lines = _dedented(block.text.split("\n"))
    if block.directive == "prompt":
        return prompt_directive(block, lines)
    found = _of_language(block, lines, said, program)
    if found.entries and said.expected is Expected.WARNING:
        return Verdict(Kind.OTHER, 0.6, "the text warns of doing this")
    if len(found.entries) == 1:
        output = [line for line in found.entries[0].output if line.strip()]
        if (said.fails and shapes.is_error(output)) or shapes.is_complaint_of_usage(output):
            return Verdict(Kind.OUTPUT, 0.6, "the text shows how this fails")
    return opened(found, said, block)


def _dedented(lines: list[str]) -> list[str]:
    """Return `lines` without the indentation of the first, as after a paragraph that moved in."""
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip())
    if not indent:
        return lines
    return [line[indent:] if not line[:indent].strip() else line for line in lines]


def _of_language(block: Block, lines: list[str], said: Hints, program: str) -> Verdict:
    language = language_of(block)
    kin = family(language)
    session, script = kin is Family.SESSION, kin is Family.SCRIPT
    if shapes.is_of_windows(block.text):
        return Verdict(Kind.OTHER, 0.9, "these are commands of another system")
    if not session and not script and kin is not Family.UNSURE:
        if block.path:
            return Verdict(Kind.FILE, 0.9, _TITLED.format(block.path))
        return _of_other(lines, language, said, program)
    if shapes.is_script_file(block.text):
        return Verdict(Kind.FILE, 0.9, "a script that begins with its interpreter is a file")
    if not session and block.path and not (script and _begins_typed(lines)):
        return Verdict(Kind.FILE, 0.9, _TITLED.format(block.path))
    style = style_of(lines, session=session, script=script)
    if style:
        return transcript(lines, style)
    if not session and said.adds:
        return Verdict(Kind.FILE, 0.75, f"the text says to add this to {said.path}")
    if not session and said.replaces and typed(_first(lines)) < PROBABLE:
        return Verdict(Kind.FILE, 0.7, "the text says that a line becomes another", partial=True)
    typing = repl.typed_in(lines, program)
    if typing is not None:
        return Verdict(Kind.DIALOGUE, 0.85, _TYPED_IN, typed=typing)
    if script or session:
        return of_shell(lines, said, session=session)
    return of_nothing(lines, said)


def _begins_typed(lines: Sequence[str]) -> bool:
    """Tell whether the first line that is no remark begins with a well-known program."""
    return typed(_first(lines)) >= KNOWN


def _first(lines: Sequence[str]) -> str:
    shown = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return next(shown, "")


def _of_other(lines: list[str], language: str, said: Hints, program: str) -> Verdict:
    """Read a block whose language is another than the shell's, in spite of which it may be."""
    style = style_of(lines, session=False, script=False)
    if style and _is_certain(style, lines):
        found = transcript(lines, style)
        if found.entries and typed(found.entries[0].text) >= LIKELY:
            reason = f"{found.reason}, though its language is said to be {language}"
            return evolve(found, confidence=min(found.confidence, 0.8), reason=reason)
    kin = family(language)
    if kin is Family.SQL and program:
        texts = tuple(line.strip() for line in lines if line.strip())
        return Verdict(Kind.DIALOGUE, 0.7, f"typed into {program}, which is open", typed=texts)
    typing = None if language in ("python", "pycon") else repl.typed_in(lines, program)
    if typing:
        return Verdict(Kind.DIALOGUE, 0.8, _TYPED_IN, typed=typing)
    reason = f"its language is {language}"
    if kin is Family.DATA or (said.path and said.file):
        confidence = 0.9 if said.path else 0.75
        return Verdict(Kind.FILE, confidence, reason, partial=not said.file)
    return Verdict(Kind.OTHER, 0.95, reason)


def _is_certain(style: Style, lines: Sequence[str]) -> bool:
    """Tell whether `style` is one that no other language than the shell's looks like."""
    first = next(line for line in lines if line.strip())
    if style.confidence <= 0.8 or "#" in style.signs or first.startswith("#"):
        return False
    return style.full or first.startswith("$ ")
