"""Classify a block by its language, its prompts, its words and the text around it."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from runbook.console import repl
from runbook.console.block import Block
from runbook.console.classification import Classification
from runbook.console.clues import shapes
from runbook.console.clues.announced import Announcement
from runbook.console.clues.context import Context
from runbook.console.clues.languages import Family, family, language_of
from runbook.console.clues.words import KNOWN, LIKELY, PROBABLE, command_likelihood
from runbook.console.filetext import as_file
from runbook.console.prompt_directive import prompt_directive
from runbook.console.prompted import transcript
from runbook.console.prompts.style import PromptStyle, style_of
from runbook.console.typed import terminal_directive
from runbook.console.unprompted import classify_plain, classify_shell
from runbook.model import Kind

_TITLED = "the block is titled {}"
_TYPED_IN = "these lines are input for a program that is running"


def classify(block: Block, context: Context, program: str) -> Classification:
    """Classify `block`; `program` is an interactive program that an earlier block left running."""
    lines = _dedented(block.text.split("\n"))
    if block.directive == "prompt":
        return prompt_directive(block, lines)
    if block.directive == "terminal":
        return terminal_directive(block, lines)
    found = _by_language(block, lines, context, program)
    if found.entries and context.announces is Announcement.WARNING:
        return Classification(Kind.OTHER, 0.6, "the text warns against this")
    if len(found.entries) == 1:
        output = [line for line in found.entries[0].output if line.strip()]
        if (context.fails and shapes.is_error(output)) or shapes.is_usage_error(output):
            return Classification(Kind.OUTPUT, 0.6, "the text shows this as a failure")
    return as_file(found, context, block)


def _dedented(lines: list[str]) -> list[str]:
    """Return `lines` without the indentation of the first, as after an indented paragraph."""
    first = next((line for line in lines if line.strip()), "")
    indent = len(first) - len(first.lstrip())
    if not indent:
        return lines
    return [line[indent:] if not line[:indent].strip() else line for line in lines]


def _by_language(block: Block, lines: list[str], context: Context, program: str) -> Classification:
    language = language_of(block)
    language_family = family(language)
    session, script = language_family is Family.SESSION, language_family is Family.SCRIPT
    if shapes.is_windows(block.text):
        return Classification(Kind.OTHER, 0.9, "these are Windows commands")
    if not session and not script and language_family is not Family.UNSURE:
        if block.path:
            return Classification(Kind.FILE, 0.9, _TITLED.format(block.path))
        return _classify_other(lines, language, context, program)
    if shapes.is_script_file(block.text):
        return Classification(Kind.FILE, 0.9, "a script with a shebang line is a file")
    if not session and block.path and not (script and _starts_with_command(lines)):
        return Classification(Kind.FILE, 0.9, _TITLED.format(block.path))
    style = style_of(lines, session=session, script=script)
    if style:
        return transcript(lines, style)
    if not session and context.adds:
        return Classification(Kind.FILE, 0.75, f"the text says to add this to {context.path}")
    if not session and context.replaces and command_likelihood(_first(lines)) < PROBABLE:
        return Classification(
            Kind.FILE, 0.7, "the text describes the replacement of a line", partial=True
        )
    repl_input = repl.input_lines(lines, program)
    if repl_input is not None:
        return Classification(Kind.DIALOGUE, 0.85, _TYPED_IN, typed=repl_input)
    if shapes.are_paths(lines) and not _are_programs(lines, block, context):
        return Classification(Kind.OTHER, 0.6, "a path alone is not a command")
    if script or session:
        return classify_shell(lines, context, session=session)
    return classify_plain(lines, context)


def _are_programs(lines: list[str], block: Block, context: Context) -> bool:
    """Return whether `lines`, which are nothing but paths, may be a program to run."""
    told = context.announces is Announcement.COMMANDS or context.instructs
    shown = [line for line in lines if line.strip()]
    likely = len(shown) == 1 and command_likelihood(shown[0]) >= PROBABLE
    return likely and (told or not block.before)


def _starts_with_command(lines: Sequence[str]) -> bool:
    """Return whether the first line that is not a comment starts with a well-known program."""
    return command_likelihood(_first(lines)) >= KNOWN


def _first(lines: Sequence[str]) -> str:
    shown = (line for line in lines if line.strip() and not line.lstrip().startswith("#"))
    return next(shown, "")


def _classify_other(
    lines: list[str], language: str, context: Context, program: str
) -> Classification:
    """Classify a block whose language is not the shell; it may be shell text nevertheless."""
    style = style_of(lines, session=False, script=False)
    if style and _is_certain(style, lines):
        found = transcript(lines, style)
        if found.entries and command_likelihood(found.entries[0].text) >= LIKELY:
            reason = f"{found.reason}, although its language is {language}"
            return evolve(found, confidence=min(found.confidence, 0.8), reason=reason)
    language_family = family(language)
    if language_family is Family.SQL and program:
        texts = tuple(line.strip() for line in lines if line.strip())
        return Classification(
            Kind.DIALOGUE, 0.7, f"input for {program}, which is running", typed=texts
        )
    repl_input = None if language in ("python", "pycon") else repl.input_lines(lines, program)
    if repl_input:
        return Classification(Kind.DIALOGUE, 0.8, _TYPED_IN, typed=repl_input)
    reason = f"its language is {language}"
    if language_family is Family.DATA or (context.path and context.file):
        confidence = 0.9 if context.path else 0.75
        return Classification(Kind.FILE, confidence, reason, partial=not context.file)
    return Classification(Kind.OTHER, 0.95, reason)


def _is_certain(style: PromptStyle, lines: Sequence[str]) -> bool:
    """Return whether `style` cannot be mistaken for syntax of another language."""
    first = next(line for line in lines if line.strip())
    if style.confidence <= 0.8 or "#" in style.signs or first.startswith("#"):
        return False
    return style.full or first.startswith("$ ")
