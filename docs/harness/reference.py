"""The directive `harness-reference`: lists that are made from the harness's own code.

A list that is written by hand is wrong after the next change. These cannot be.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final

import attrs
import click
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from runbook import cluster, evidence, model, probe, result
from runbook.cli import main
from runbook.sphinx import answers
from runbook.sphinx import directives as own

_ROLE: Final = re.compile(r"`([^`]+)`")

DIRECTIVES: Final = (
    own.Step, own.Check, own.File, answers.Answers, own.Manual, own.Platform, own.Choice
)  # fmt: skip
NOUNS: Final = (
    model.Runbook, model.Chapter, model.Step, model.Command, model.Dialogue, model.Turn,
    model.Override, model.FileContent, model.Manual, model.Check, model.Capture, model.Reading,
    model.Location, result.Run, result.Outcome, result.Performed, result.CheckResult,
    evidence.Evidence, evidence.Proof,
)  # fmt: skip


def rst_of(text: str) -> str:
    """Return a docstring's sentence as reStructuredText."""
    return _ROLE.sub(r"``\1``", " ".join(text.split()))


def first(thing: object) -> str:
    """Return the first sentence of a docstring."""
    said = inspect.getdoc(thing) or ""
    return rst_of(said.partition("\n\n")[0])


def _converter(converter: Callable[..., Any] | None) -> str:
    if converter in (None, directives.flag):
        return "a flag"
    if hasattr(converter, "values"):
        return "one of " + ", ".join(f"``{value}``" for value in converter.values)
    said = first(converter) if converter.__module__.startswith("runbook") else "a text"
    return said.removeprefix("Return ").rstrip(".")


def of_directives() -> Iterator[str]:
    """Yield a definition for each directive, with its options."""
    for directive in DIRECTIVES:
        said = first(directive)
        yield f"``{directive.noun}``"
        yield f"   {said}"
        yield ""
        for name, converter in sorted((directive.option_spec or {}).items()):
            yield f"   * ``:{name}:`` {_converter(converter)}"
        yield ""


def of_capabilities() -> Iterator[str]:
    """Yield a definition for each capability: the test that decides it."""
    for name, test in probe.CAPABILITIES.items():
        yield f"``{name}``"
        yield f"   ``{test}``"
        yield ""


def of_commands() -> Iterator[str]:
    """Yield the help text of every command."""
    yield from _command(main, "runbook")


def _command(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name, terminal_width=78, max_content_width=78)
    if isinstance(command, click.Group):
        for sub in command.list_commands(context):
            found = command.get_command(context, sub)
            if found is not None:
                yield from _command(found, f"{name} {sub}")
        return
    yield f".. rubric:: {name}"
    yield ""
    yield ".. code-block:: text"
    yield ""
    yield from (f"   {line}".rstrip() for line in command.get_help(context).splitlines())
    yield ""


def of_schemas() -> Iterator[str]:
    """Yield the fields of every noun that a file holds."""
    for noun in NOUNS:
        yield f"``{noun.__name__}``"
        yield f"   {rst_of(inspect.getdoc(noun) or '')}"
        yield ""
        for field in attrs.fields(noun):
            kind = str(field.type).replace("runbook.model.", "").replace("runbook.result.", "")
            kind = re.sub(r"<class '([\w.]+)'>", lambda m: m[1].rpartition(".")[2], kind)
            needed = ", always there" if field.default is attrs.NOTHING else ""
            yield f"   * ``{field.name}``: ``{kind}``{needed}"
        yield ""


def of_cluster() -> Iterator[str]:
    """Yield the example that the module which reads the file gives."""
    said = inspect.getdoc(cluster) or ""
    yield ".. code-block:: yaml"
    yield ""
    block = said.partition("```yaml\n")[2].partition("```")[0]
    yield from (f"   {line}" for line in block.splitlines())
    yield ""


class Reference(SphinxDirective):
    """`.. harness-reference:: directives`: one of the lists above."""

    required_arguments = 1
    lists: ClassVar[dict[str, Callable[[], Iterator[str]]]] = {
        "directives": of_directives,
        "capabilities": of_capabilities,
        "commands": of_commands,
        "schemas": of_schemas,
        "cluster": of_cluster,
    }

    def run(self) -> list[nodes.Node]:
        """Return the list as ordinary nodes."""
        make = self.lists.get(self.arguments[0])
        if make is None:
            raise self.error(f"there is no list {self.arguments[0]!r}: {', '.join(self.lists)}")
        return self.parse_text_to_nodes("\n".join(make()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive; its pages follow the version of the harness."""
    app.add_directive("harness-reference", Reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
