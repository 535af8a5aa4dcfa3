"""Reading a guide in spite of unknown or failing directives and roles.

An unknown directive becomes a container of its parsed content, an unknown role its text.
Arguments and options never become text. Each is recorded on the document.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

from docutils import nodes
from docutils.parsers import Parser
from docutils.parsers.rst import Directive, DirectiveError, directives, roles, states
from docutils.statemachine import StringList
from docutils.utils import Reporter, unescape
from sphinx.directives.code import CodeBlock
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

from runbook.sphinx.directives.literal import located
from runbook.sphinx.directives.permissive import AnyOptions

_CODE: Final = re.compile(r"(?:\A|[-_])code(?:[-_]|\Z)")
_NO_ARGUMENT: Final = re.compile(r"\s*\.\. +\S+::\s*\Z")
_TITLE_AND_TARGET: Final = re.compile(r"(.+?)\s*<.*>\Z", re.DOTALL)
_NOT_RST: Final = re.compile(r"[;{}]\s*\Z|-->?|<--?|={2,}>|\+-|^\s*@(?:start|end)|^\s*\|.*\|\s*\Z")
"""Lines of diagrams and programs."""
_ABOVE_ALL_LEVELS: Final = Reporter.SEVERE_LEVEL + 1


def record_unread(
    document: nodes.document, message: str, source: str | None, line: int | None
) -> None:
    """Record on the document what could not be read."""
    document.attributes.setdefault("runbook_unread", []).append((message, source, line))


class UnknownDirective(SphinxDirective):
    """Stands in for an unknown directive."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = AnyOptions()

    def run(self) -> list[nodes.Node]:
        """Return a container of the parsed content, ignored if it is not reStructuredText."""
        source, line = self.get_source_info()
        record_unread(self.state.document, f"unknown directive {self.name!r}", source, line)
        container = nodes.container()
        self.set_source_info(container)
        content = self._content()
        named = self.options.get("title") or self.options.get("header")
        container["runbook_label"] = " ".join((named or " ".join(self.arguments)).split())
        container["runbook_unknown"] = self.name
        if _is_not_rst(list(content)):
            container["runbook_ignored"] = True
            return [container]
        reporter: Any = self.state.document.reporter
        level, reporter.report_level = reporter.report_level, _ABOVE_ALL_LEVELS
        try:
            nested_parse_with_titles(self.state, content, container, self.content_offset)
        finally:
            reporter.report_level = level
        messages = list(container.findall(nodes.system_message))
        if sum(one["level"] >= Reporter.ERROR_LEVEL for one in messages) * 4 > sum(
            map(bool, content)
        ):
            # It is another language. The nodes have to stay, because docutils has noted the
            # references among them, but their messages must not be reported.
            container["runbook_ignored"] = True
            for one in (*messages, *container.findall(nodes.substitution_reference)):
                one.parent.replace(one, nodes.Text(""))
        return [container]

    def _content(self) -> StringList:
        """Return the content; docutils takes it for the argument if no blank line precedes it."""
        if not self.arguments or not _NO_ARGUMENT.match(self.block_text.split("\n")[0]):
            return self.content
        lines = self.arguments[0].split("\n")
        self.arguments = []
        source, number = self.get_source_info()
        items = [(source, number + offset) for offset in range(len(lines))]
        return StringList(lines, items=items) + StringList([""], items=items[-1:]) + self.content


_CodeBlock: Any = located("code-block")


class UnknownCodeDirective(_CodeBlock):  # type: ignore[misc]  # made at run time
    """Stands in for an unknown directive with `code` in its name."""

    optional_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[Any] = AnyOptions(CodeBlock.option_spec)

    def run(self) -> list[nodes.Node]:
        """Return the block in a container, with the rest of the argument as its title."""
        source, line = self.get_source_info()
        record_unread(self.state.document, f"unknown directive {self.name!r}", source, line)
        given: list[str] = self.arguments
        language, _, label = (given[0] if given else "").partition(" ")
        given[:] = [language] if language else []
        container = nodes.container("", *super().run(), runbook_label=label.strip())
        container["runbook_unknown"] = self.name
        return [container]


class _Guarded(Directive):
    """A directive whose failure costs the document only this directive.

    MyST runs directives by itself, and so not as docutils' `Body` does.
    """

    def run(self) -> list[nodes.Node]:
        try:
            return list(super().run())
        except DirectiveError:
            raise  # how a directive reports a mistake of the author
        except Exception as error:
            source, line = self.state_machine.get_source_and_line(self.lineno)
            message = f"the directive {self.name!r} fails: {_one_line(error)}"
            record_unread(self.state.document, message, source, line)
            return []


def _is_not_rst(lines: list[str]) -> bool:
    """Tell whether the content is a diagram or a program, and not reStructuredText."""
    lines_with_text = [line for line in lines if line.strip()]
    if any(
        line.rstrip().endswith("::") or line.lstrip().startswith(".. ") for line in lines_with_text
    ):
        return False
    return sum(bool(_NOT_RST.search(line)) for line in lines_with_text) * 3 > len(lines_with_text)


def unknown_role(
    name: str,
    rawtext: str,
    text: str,
    lineno: int,
    inliner: Any,
    _options: Any = None,
    _content: Any = None,
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Return the text of an unknown role without its target."""
    source, line = inliner.reporter.get_source_and_line(lineno)
    record_unread(inliner.document, f"unknown role {name!r}", source, line)
    text = unescape(text)
    titled = _TITLE_AND_TARGET.match(text)
    return [nodes.inline(rawtext, titled[1] if titled else text)], []


@contextmanager
def lenient_lookup() -> Iterator[None]:
    """Replace docutils' lookup of unknown names, and tolerate directives and roles that fail."""
    # As `Any`, because mypy does not let functions and methods be replaced.
    directive_registry: Any = directives
    role_registry: Any = roles
    body: Any = states.Body
    directive, role = directive_registry.directive, role_registry.role
    run = body.run_directive

    @functools.cache
    def guarded(found: Any) -> Any:
        # MyST recognises some of docutils' own directives by their methods.
        run: Any = getattr(found, "run", None)
        trusted = run is None or str(run.__module__).startswith("docutils.")
        return found if trusted else type(found.__name__, (_Guarded, found), {})

    def any_directive(name: str, language: Any, document: Any) -> tuple[Any, list[Any]]:
        found, messages = directive(name, language, document)
        if found is not None:
            return guarded(found), messages
        return (UnknownCodeDirective if _CODE.search(name) else UnknownDirective), []

    def any_role(name: str, language: Any, lineno: int, reporter: Any) -> tuple[Any, list[Any]]:
        found, messages = role(name, language, lineno, reporter)
        return (_guarded_role(found), messages) if found is not None else (unknown_role, [])

    def run_directive(
        self: Any, found: Any, match: Any, name: str, presets: Any
    ) -> tuple[Any, bool]:
        source, line = self.state_machine.get_source_and_line()
        try:
            return run(self, found, match, name, presets)  # type: ignore[no-any-return]
        except Exception as error:
            record_unread(
                self.document, f"the directive {name!r} fails: {_one_line(error)}", source, line
            )
            return [], True

    directive_registry.directive, role_registry.role = any_directive, any_role
    body.run_directive = run_directive
    try:
        yield
    finally:
        directive_registry.directive, role_registry.role = directive, role
        body.run_directive = run


class _GuardedParser(Parser):
    """A parser whose failure costs the guide only one document."""

    can_do_without: ClassVar[Any]

    def parse(self, inputstring: str, document: nodes.document) -> None:
        try:
            super().parse(inputstring, document)
        except Exception as error:
            if not self.can_do_without(error):
                raise
            document[:] = []
            # The parser leaves on the document what its transforms need.
            super().parse("", document)
            document["runbook_left_out"] = True
            message = f"the document is left out: {_one_line(error)}"
            record_unread(document, message, document.get("source"), 1)


def guarded_parser(parser: type[Parser], can_do_without: Callable[[Exception], bool]) -> Any:
    """Return `parser` as one that leaves a document empty if that may be done without."""
    attributes = {
        "can_do_without": staticmethod(can_do_without),
        "__module__": parser.__module__,  # who is to blame is told by it
    }
    return type(parser.__name__, (_GuardedParser, parser), attributes)


def _guarded_role(role: Any) -> Any:
    """Return a role whose failure costs the document only its markup."""

    @functools.wraps(role, updated=("__dict__",) if hasattr(role, "__dict__") else ())
    def guarded(
        name: str, rawtext: str, text: str, lineno: int, inliner: Any, *more: Any, **options: Any
    ) -> Any:
        try:
            return role(name, rawtext, text, lineno, inliner, *more, **options)
        except Exception as error:
            source, line = inliner.reporter.get_source_and_line(lineno)
            message = f"the role {name!r} fails: {_one_line(error)}"
            record_unread(inliner.document, message, source, line)
            return [nodes.inline(rawtext, unescape(text))], []

    return guarded


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
