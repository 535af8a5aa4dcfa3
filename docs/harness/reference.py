"""The directive `harness-reference`: reference lists generated from the harness's code.

Lists written by hand would go out of date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, Final, cast

import attrs
import click
import pytest
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import runbook
from runbook import model
from runbook.cli import main
from runbook.model import cluster
from runbook.model.capabilities import CAPABILITIES
from runbook.mutation import record
from runbook.pytest_plugin import settings
from runbook.report.rules import RULES
from runbook.results import evidence, log, outcome
from runbook.sphinx.directives.alternatives import ChoiceDirective, PlatformDirective
from runbook.sphinx.directives.answers import AnswersDirective
from runbook.sphinx.directives.check import CheckDirective
from runbook.sphinx.directives.described import first_sentence, option_says
from runbook.sphinx.directives.file import FileDirective
from runbook.sphinx.directives.manual import ManualDirective
from runbook.sphinx.directives.step import StepDirective

_ROLE: Final = re.compile(r"`([^`]+)`")

DIRECTIVES: Final = (
    StepDirective, CheckDirective, FileDirective, AnswersDirective, ManualDirective,
    PlatformDirective, ChoiceDirective,
)  # fmt: skip
NOUNS: Final = (
    model.Runbook, model.Chapter, model.Step, model.Command, model.Dialogue, model.Turn,
    model.Override, model.FileContent, model.Manual, model.Check, model.Capture, model.Retry,
    model.Background, model.Alternative, model.Reading, model.SourceNote, model.Citation, model.Remark,
    model.Location, outcome.Run, log.LogEntry, log.HostCheck, outcome.Outcome,
    outcome.Performed, outcome.CheckResult,
    evidence.Evidence, evidence.Proof, record.Mutation, record.MutatedStep, record.KnownCheck,
    record.Tried,
)  # fmt: skip


def rst_of(text: str) -> str:
    """Return a docstring's sentence as reStructuredText."""
    return _ROLE.sub(r"``\1``", " ".join(text.split()))


def first(thing: object) -> str:
    """Return the first sentence of a docstring."""
    return rst_of(first_sentence(thing))


def of_directives() -> Iterator[str]:
    """Yield a definition for each directive, with its options."""
    for directive in DIRECTIVES:
        description = first(directive)
        yield f"``{directive.directive_name}``"
        yield f"   {description}"
        yield ""
        for name, converter in sorted((directive.option_spec or {}).items()):
            yield f"   * ``:{name}:`` {rst_of(option_says(converter))}"
        yield ""


def of_capabilities() -> Iterator[str]:
    """Yield a definition for each capability: the shell command that detects it."""
    for name, test in CAPABILITIES.items():
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


class _Options:
    """Takes the place of pytest's parser, to which the plugin adds its options."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def getgroup(self, *_: str) -> _Options:
        return self

    def parse_known_and_unknown_args(self, args: list[str]) -> tuple[None, list[str]]:
        return None, args

    def addoption(self, name: str, **about: Any) -> None:
        values = f" {{{','.join(about['choices'])}}}" if "choices" in about else ""
        values = f" {about['metavar']}" if "metavar" in about else values
        self.lines += [f"``{name}{values}``", f"   {about['help']}", ""]

    def addini(self, name: str, text: str, *_: Any) -> None:
        self.lines += [f"``{name}`` (ini file)", f"   {text}", ""]


def of_pytest() -> Iterator[str]:
    """Yield a definition for each option of the pytest plugin."""
    options = _Options()
    settings.add_options(cast(pytest.Parser, options))
    yield from options.lines


def of_schemas() -> Iterator[str]:
    """Yield the fields of every class that is stored in a file."""
    for noun in NOUNS:
        yield f"``{noun.__name__}``"
        yield f"   {rst_of(inspect.getdoc(noun) or '')}"
        yield ""
        for field in attrs.fields(noun):
            # As it is written: the type itself is another one once somebody has resolved it.
            written = noun.__annotations__.get(field.name, field.type)
            kind = re.sub(r"\brunbook(\.\w+)*\.", "", str(written))
            kind = re.sub(r"<class '([\w.]+)'>", lambda m: m[1].rpartition(".")[2], kind)
            needed = ", required" if field.default is attrs.NOTHING else ""
            yield f"   * ``{field.name}``: ``{kind}``{needed}"
        yield ""


def of_cluster() -> Iterator[str]:
    """Yield the example cluster file of the module that reads it."""
    docstring = inspect.getdoc(cluster) or ""
    yield ".. code-block:: yaml"
    yield ""
    block = docstring.partition("```yaml\n")[2].partition("```")[0]
    yield from (f"   {line}" for line in block.splitlines())
    yield ""


def of_rules() -> Iterator[str]:
    """Yield a definition for each rule of diagnostics."""
    for id_, rule in RULES.items():
        yield f"``{id_}``"
        yield f"   {rst_of(f'{rule.about} {rule.help}'.replace('*', chr(92) + '*'))}"
        yield ""


class Reference(SphinxDirective):
    """`.. harness-reference:: directives`: one of the lists above."""

    required_arguments = 1
    lists: ClassVar[dict[str, Callable[[], Iterator[str]]]] = {
        "directives": of_directives,
        "capabilities": of_capabilities,
        "commands": of_commands,
        "pytest": of_pytest,
        "schemas": of_schemas,
        "cluster": of_cluster,
        "rules": of_rules,
    }

    def run(self) -> list[nodes.Node]:
        """Return the list as docutils nodes."""
        make = self.lists.get(self.arguments[0])
        if make is None:
            raise self.error(f"there is no list {self.arguments[0]!r}: {', '.join(self.lists)}")
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == runbook.__name__ and module.__file__:
                self.env.note_dependency(module.__file__)
        self.env.note_dependency(__file__)
        return self.parse_text_to_nodes("\n".join(make()))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("harness-reference", Reference)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
