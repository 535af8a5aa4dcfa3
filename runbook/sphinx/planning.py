"""What directives of blocks are while a guide is planned: they take what any extension adds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.parsers.rst.directives.body import ParsedLiteral
from sphinx.application import Sphinx
from sphinx.directives.code import CodeBlock, LiteralInclude
from sphinx.directives.patches import Code
from sphinx.util.docutils import SphinxDirective

from runbook.sphinx.literal import (
    ExactParsedLiteral,
    LocatedCode,
    LocatedCodeBlock,
    LocatedInclude,
    first,
    told,
)
from runbook.sphinx.values import fill


class AnyOption(dict[str, Callable[[str], Any]]):
    """Options of a directive, of which those that nobody knows are taken as they are."""

    def __bool__(self) -> bool:
        """Be true: docutils looks for no options where there is nothing."""
        return True

    def __missing__(self, name: str) -> Callable[[str], Any]:
        """Return the converter of the option `name`."""
        return directives.unchanged


class Prompt(SphinxDirective):
    """The directive `prompt`: commands, with the prompts named instead of shown.

    Its argument is a language, the prompts, and maybe the word `auto`, which says that the
    text shows the prompts.
    """

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = AnyOption()

    def run(self) -> list[nodes.Node]:
        """Return the text as a literal block."""
        said: dict[str, Any] = {}
        words = (first(self.arguments) or "").split()
        if words and words[0][0].isalnum():
            said["language"] = words.pop(0)
        if words and words[-1] == "auto":
            said["modifiers"] = words.pop()
        if words:
            said["prompts"] = " ".join(words)
        self.options = said | self.options
        language = self.options.get("language")
        text = "\n".join(self.content)
        block = nodes.literal_block(text, text, language=language or "text")
        self.set_source_info(block)
        return told([block], self, language)


class _AnyCodeBlock(LocatedCodeBlock):
    option_spec: ClassVar[Any] = AnyOption(CodeBlock.option_spec)


class _AnyCode(LocatedCode):
    option_spec: ClassVar[Any] = AnyOption(Code.option_spec)


class _AnyInclude(LocatedInclude):
    option_spec: ClassVar[Any] = AnyOption(LiteralInclude.option_spec)

    def run(self) -> list[nodes.Node]:
        if "path-substitutions" in self.options:
            defined = self.state.document.substitution_defs
            values = {name: made.astext() for name, made in defined.items()}
            self.arguments[0] = fill(self.arguments[0], values)
        return super().run()


class _AnyParsedLiteral(ExactParsedLiteral):
    option_spec: ClassVar[Any] = AnyOption(ParsedLiteral.option_spec)


class _SubstitutedBlock(_AnyCodeBlock):
    def run(self) -> list[nodes.Node]:
        self.options.setdefault("substitutions", "")
        return super().run()


class _SubstitutedPrompt(Prompt):
    def run(self) -> list[nodes.Node]:
        self.options.setdefault("substitutions", "")
        return super().run()


_DIRECTIVES: Final[dict[str, type[SphinxDirective] | type[ParsedLiteral]]] = {
    "code-block": _AnyCodeBlock,
    "sourcecode": _AnyCodeBlock,
    "code": _AnyCode,
    "literalinclude": _AnyInclude,
    "parsed-literal": _AnyParsedLiteral,
    "prompt": Prompt,
    "substitution-code-block": _SubstitutedBlock,
    "substitution-prompt": _SubstitutedPrompt,
}


def register(app: Sphinx) -> None:
    """Take over the directives of blocks, whatever extension had them."""
    for name, directive in _DIRECTIVES.items():
        app.add_directive(name, directive, override=True)
