"""Directives and roles that nobody here knows: the lenient way to read somebody else's guide.

What docutils finds for no name becomes a container whose content is read, and a role's text.
Arguments and options never become text. What was met is recorded on the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers.rst import directives, roles, states
from docutils.statemachine import StringList
from docutils.utils import unescape
from sphinx.directives.code import CodeBlock
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

from runbook.sphinx.literal import LocatedCodeBlock
from runbook.sphinx.planning import AnyOption
from runbook.sphinx.values import ERROR

_CODE: Final = re.compile(r"(?:\A|[-_])code(?:[-_]|\Z)")
_EMPTY_HEAD: Final = re.compile(r"\s*\.\. +\S+::\s*\Z")
_TITLED: Final = re.compile(r"(.+?)\s*<.*>\Z", re.DOTALL)
_FOREIGN: Final = re.compile(r"[;{}]\s*\Z|-->?|<--?|={2,}>|\+-|^\s*@(?:start|end)|^\s*\|.*\|\s*\Z")
"""Lines of drawings and programs."""
_QUIET: Final = 5
"""Above all levels of docutils' messages."""


def note(document: nodes.document, message: str, source: str | None, line: int | None) -> None:
    """Record on the document what could not be read of it."""
    document.attributes.setdefault("runbook_unread", []).append((message, source, line))


class Unknown(SphinxDirective):
    """A directive that nobody knows."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = AnyOption()

    def run(self) -> list[nodes.Node]:
        """Return a container of what the content is, or of nothing that counts."""
        source, line = self.get_source_info()
        note(self.state.document, f"unknown directive {self.name!r}", source, line)
        made = nodes.container()
        self.set_source_info(made)
        content = self._content()
        named = self.options.get("title") or self.options.get("header")
        made["runbook_label"] = " ".join((named or " ".join(self.arguments)).split())
        if _is_drawn(list(content)):
            made["runbook_dropped"] = True
            return [made]
        reporter: Any = self.state.document.reporter
        level, reporter.report_level = reporter.report_level, _QUIET
        try:
            nested_parse_with_titles(self.state, content, made, self.content_offset)
        finally:
            reporter.report_level = level
        messages = list(made.findall(nodes.system_message))
        if sum(one["level"] >= ERROR for one in messages) * 4 > sum(map(bool, content)):
            # It is another language. The nodes stay, because references among them are known
            # to docutils, but nothing is told of them.
            made["runbook_dropped"] = True
            for one in (*messages, *made.findall(nodes.substitution_reference)):
                one.parent.replace(one, nodes.Text(""))
        return [made]

    def _content(self) -> StringList:
        """Return the content; without an empty line above it, docutils takes it for arguments."""
        if not self.arguments or not _EMPTY_HEAD.match(self.block_text.split("\n")[0]):
            return self.content
        lines = self.arguments[0].split("\n")
        self.arguments = []
        source, number = self.get_source_info()
        items = [(source, number + offset) for offset in range(len(lines))]
        return StringList(lines, items=items) + StringList([""], items=items[-1:]) + self.content


class UnknownCode(LocatedCodeBlock):
    """A directive that nobody knows, whose name says that its content is code."""

    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = AnyOption(CodeBlock.option_spec)

    def run(self) -> list[nodes.Node]:
        """Return the block in a container that has the rest of the argument as its title."""
        source, line = self.get_source_info()
        note(self.state.document, f"unknown directive {self.name!r}", source, line)
        language, _, label = (self.arguments[0] if self.arguments else "").partition(" ")
        self.arguments = [language] if language else []
        return [nodes.container("", *super().run(), runbook_label=label.strip())]


def _is_drawn(lines: list[str]) -> bool:
    """Tell whether the content is a drawing or a program, and not reStructuredText."""
    written = [line for line in lines if line.strip()]
    if any(line.rstrip().endswith("::") or line.lstrip().startswith(".. ") for line in written):
        return False
    return sum(bool(_FOREIGN.search(line)) for line in written) * 3 > len(written)


def unknown_role(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Any,
    _options: Any = None,
    _content: Any = None,
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Return the text of a role that nobody knows, without its target."""
    source, line = inliner.reporter.get_source_and_line(lineno)
    note(inliner.document, f"unknown role {name!r}", source, line)
    text = unescape(text)
    titled = _TITLED.match(text)
    return [nodes.inline(rawtext, titled[1] if titled else text)], []


@contextmanager
def lenient() -> Iterator[None]:
    """Let docutils find something for every name, and survive what extensions do to it."""
    # Their types do not let anybody replace their functions.
    lookup: Any = directives
    names: Any = roles
    body: Any = states.Body
    inliner: Any = states.Inliner
    directive, role = lookup.directive, names.role
    run, interpreted = body.run_directive, inliner.interpreted

    def any_directive(name: str, language: Any, document: Any) -> tuple[Any, list[Any]]:
        found, messages = directive(name, language, document)
        if found is not None:
            return found, messages
        return (UnknownCode if _CODE.search(name) else Unknown), []

    def any_role(name: str, language: Any, lineno: int, reporter: Any) -> tuple[Any, list[Any]]:
        found, messages = role(name, language, lineno, reporter)
        return (found, messages) if found is not None else (unknown_role, [])

    def survive(self: Any, found: Any, match: Any, name: str, presets: Any) -> tuple[Any, bool]:
        source, line = self.state_machine.get_source_and_line()
        try:
            return run(self, found, match, name, presets)  # type: ignore[no-any-return]
        except Exception as error:
            note(self.document, f"the directive {name!r} fails: {_said(error)}", source, line)
            return [], True

    def survive_role(self: Any, raw: str, text: str, name: str, lineno: int) -> tuple[Any, Any]:
        try:
            return interpreted(self, raw, text, name, lineno)  # type: ignore[no-any-return]
        except Exception as error:
            source, line = self.reporter.get_source_and_line(lineno)
            note(self.document, f"the role {name!r} fails: {_said(error)}", source, line)
            return [nodes.inline(raw, unescape(text))], []

    lookup.directive, names.role = any_directive, any_role
    body.run_directive, inliner.interpreted = survive, survive_role
    try:
        yield
    finally:
        lookup.directive, names.role = directive, role
        body.run_directive, inliner.interpreted = run, interpreted


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
