"""The directives `prompt` and `terminal` of other extensions, read as code blocks.

A plan needs neither extension. On a page, the extensions show these blocks in their own way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from attrs import frozen
from docutils import nodes
from docutils.parsers.rst import Directive, directives
from docutils.statemachine import StringList
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from runbook.sphinx.directives.literal import annotate, record
from runbook.sphinx.source.lines import absolute, directive_line, first_line, located_content

_INPUT: Final = ":input:"
"""What typed lines begin with in the older of the two extensions with a directive `terminal`."""


class PromptDirective(SphinxDirective):
    """The directive `prompt` of sphinx-prompt: commands whose prompts are an argument.

    The argument is a language, the prompts, and optionally `auto` if the text shows the prompts.
    """

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = dict.fromkeys(
        ("language", "prompts", "modifiers"), directives.unchanged_required
    )

    def run(self) -> list[nodes.Node]:
        """Return the text as a literal block."""
        return [prompt_block(self)]


class TerminalDirective(SphinxDirective):
    """The directive `terminal` of sphinx-terminal: what is typed, and what is printed."""

    has_content = True
    option_spec: ClassVar[Any] = dict.fromkeys(
        ("class", "prompt", "user", "host", "dir", "input"), directives.unchanged
    ) | dict.fromkeys(("output-only", "scroll", "copy"), directives.flag)

    def run(self) -> list[nodes.Node]:
        """Return the text, with the prompt before what is typed, as a literal block."""
        return [terminal_block(self)]


def prompt_block(directive: Directive) -> nodes.literal_block:
    """Return the text of a `prompt` directive as a block."""
    given: dict[str, Any] = {}
    words = " ".join(directive.arguments).split()
    if words and words[0][0].isalnum():
        given["language"] = words.pop(0)
    if words and words[-1] == "auto":
        given["modifiers"] = words.pop()
    if words:
        given["prompts"] = " ".join(words)
    options = given | {name: value for name, value in directive.options.items() if value}
    language = options.get("language")
    content = located_content(directive)
    text = "\n".join(content)
    block = nodes.literal_block(text, text, language=language or "text")
    _set_source_info(block, directive)
    annotate([block], directive.name, content, options, language)
    return block


@frozen
class _Terminal:
    """The lines that a `terminal` directive shows, and the ranges of those that are typed.

    The first line of `lines` is line `start` of the source.
    """

    lines: list[str]
    typed: list[tuple[int, int]]
    start: int


def terminal_block(directive: Directive) -> nodes.literal_block:
    """Return what a `terminal` directive shows as a block."""
    prompt = _prompt(directive.options)
    shown = _terminal(directive, prompt)
    text = "\n".join(shown.lines)
    language = "console" if prompt.rstrip().endswith(("$", "#")) else "text"
    block = nodes.literal_block(text, text, language=language)
    _set_source_info(block, directive)
    block["runbook_source"], block["runbook_line"] = absolute(block.source or ""), shown.start
    ranges = " ".join(f"{begin}-{end}" for begin, end in shown.typed)
    options = {**directive.options, "prompt": prompt, "typed": ranges}
    record(block, "terminal", language, options)
    return block


def _terminal(directive: Directive, prompt: str) -> _Terminal:
    content = located_content(directive)
    lines = list(content)
    first = directive.options.get("input")
    start = _first_number(content) or directive.lineno
    if "output-only" in directive.options:
        return _Terminal(lines, [], start)
    if first is None and not any(line.lstrip().startswith(_INPUT) for line in lines):
        # All up to the first blank line is typed. Lines after the first go on with it.
        end = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
        shown = [f"{prompt}{line}" if n == 0 else line for n, line in enumerate(lines)]
        return _Terminal(shown, [(0, end)] if end else [], start)
    if first is not None:
        lines.insert(0, f"{_INPUT} {first}")
        source, line = directive.state_machine.get_source_and_line(directive.lineno)
        start = (
            first_line(lines[0], absolute(source or ""), line or 1) if not content else start - 1
        )
    typed = [n for n, line in enumerate(lines) if line.lstrip().startswith(_INPUT)]
    for number in typed:
        lines[number] = prompt + lines[number].strip().removeprefix(_INPUT).strip()
    return _Terminal(lines, [(number, number + 1) for number in typed], start)


def _first_number(content: StringList) -> int | None:
    number = content.items[0][1] if len(content) else None
    return None if number is None else number + 1


def _prompt(options: dict[str, Any]) -> str:
    """Return the prompt; one that names no host stands for that of any host."""
    if "prompt" in options:
        return f"{options['prompt']} "
    user, host = options.get("user") or "", options.get("host") or ""
    sign = "#" if user == "root" else "$"
    return f"{user}@{host}:{options.get('dir') or '~'}{sign} " if user and host else f"{sign} "


def _set_source_info(block: nodes.literal_block, directive: Directive) -> None:
    block.source, block.line = directive_line(directive)


BLOCKS: Final[dict[str, Callable[[Directive], nodes.literal_block]]] = {
    "prompt": prompt_block,
    "terminal": terminal_block,
}
"""What makes the block of each directive, by name."""


class Recording(Directive):
    """A directive of another extension, whose text is also there as a block."""

    recorded: ClassVar[str]

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the other extension, and a block that is not on the page."""
        block = BLOCKS[self.recorded](self)
        block["runbook_hidden"] = True
        return [*super().run(), block]


def recording(name: str, base: type[Directive]) -> type[Directive]:
    """Return the directive `name` of another extension, `base`, as one that records its text."""
    return type(base.__name__, (Recording, base), {"recorded": name})


class RemoveHiddenBlocks(SphinxPostTransform):
    """Remove from a page the blocks that are only there for the plan."""

    default_priority = 1

    def run(self, **_: Any) -> None:
        """Remove them; the nodes of their extension show the same."""
        for block in list(self.document.findall(nodes.literal_block)):
            if "runbook_hidden" in block:
                block.parent.remove(block)
