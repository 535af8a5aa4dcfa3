"""The base class of the directives that mark up steps.

Each makes ordinary docutils nodes, so that every builder can write them. What the plan needs is
in two attributes of its container: `runbook` is the directive's name, `runbook_data` its options
as plain data.
"""

from __future__ import annotations

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from docutils.parsers.rst.states import MarkupError
from sphinx.util.docutils import SphinxDirective

from runbook.model.suggestion import nearest
from runbook.sphinx.source.inclusion import included_by
from runbook.sphinx.source.lines import directive_line, locate, located_content


class KnownOptions(dict[str, Any]):
    """An option spec that refuses a directive with an option that is wrong.

    docutils would do so by itself; MyST would only warn, and go on without the option.
    """

    def __getitem__(self, name: str) -> Any:
        """Return the converter of the option `name`."""
        convert = super().__getitem__(name)
        if convert is directives.flag:
            # MyST recognises it by its identity, and then takes `no` for yes.
            convert = _flag

        def converted(value: str | None) -> Any:
            try:
                return convert(value)
            except (ValueError, TypeError) as error:
                said = " ".join(map(str, error.args))
                raise MarkupError(
                    f'invalid option value: (option: "{name}"; value: {value!r})\n{said}'
                ) from None

        return converted

    def __missing__(self, name: str) -> Any:
        """Refuse the option `name`, and name what was meant."""
        near = nearest(name, self)
        meant = f'; did you mean "{near}"' if near else ""
        raise MarkupError(f'unknown option: "{name}"{meant}')


def _flag(value: str | None) -> None:
    """Convert an option without a value; in the YAML of MyST it needs one."""
    if value is None or value.strip().lower() not in ("true", "yes"):
        directives.flag(value)


class RunbookDirective(SphinxDirective):
    """A directive that makes a container; `directive_name` is the name it is registered by."""

    directive_name: ClassVar[str]
    has_content = True
    final_argument_whitespace = True

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.option_spec = KnownOptions(cls.option_spec or {})

    def container(self, **data: Any) -> nodes.container:
        """Return an empty container, located at the line of the directive."""
        node = nodes.container(classes=[f"runbook-{self.directive_name}"])
        self.set_source_info(node)
        node["runbook"] = self.directive_name
        node["runbook_data"] = data
        if node.source and (place := included_by(self.state.document, node.source)):
            node["runbook_included_by"] = place
        return node

    def set_source_info(self, node: nodes.Node) -> None:
        """Locate `node` at the line of the directive, in a file that has an absolute path."""
        node.source, node.line = directive_line(self)

    def inline_paragraph(self, text: str, *classes: str) -> nodes.paragraph:
        """Return a paragraph of `text`, which may have inline markup."""
        inline, messages = self.state.inline_text(text, self.lineno)
        node = nodes.paragraph(text, "", *inline, *messages, classes=list(classes))
        self.set_source_info(node)
        return node

    def content_block(self, language: str) -> nodes.literal_block:
        """Return the content as a literal block with its exact source lines."""
        content = located_content(self)
        text = "\n".join(content)
        node = nodes.literal_block(text, text, language=language)
        self.set_source_info(node)
        locate(node, content)
        return node

    def parse_content(self, into: nodes.Element) -> nodes.Element:
        """Parse the content into the node `into` and return it."""
        self.state.nested_parse(self.content, self.content_offset, into)
        return into
