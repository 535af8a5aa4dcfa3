"""Which directives have which names: ours, and those of other extensions beside them.

Extensions register directives by one name for all, and the last one wins. Ours are registered
after all extensions are loaded, so that their order in conf.py does not matter:

- the full name is certainly ours, as `runbook:step`;
- the short name is ours, unless `runbook_short_names` is false or `runbook_other_directives`
  lists it;
- `step` within the directive `steps` of sphinx-design is that of sphinx-design;
- a role of another extension, such as `check`, keeps its name.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from docutils import nodes
from docutils.parsers.rst import Directive, directives
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.docutils import is_role_registered

from runbook.sphinx.directives.alternatives import ChoiceDirective, PlatformDirective
from runbook.sphinx.directives.answers import AnswersDirective
from runbook.sphinx.directives.base import RunbookDirective
from runbook.sphinx.directives.check import CheckDirective
from runbook.sphinx.directives.file import FileDirective
from runbook.sphinx.directives.literal import MIXINS, located
from runbook.sphinx.directives.manual import ManualDirective
from runbook.sphinx.directives.step import StepDirective
from runbook.sphinx.directives.transcripts import BLOCKS, Recording, recording
from runbook.sphinx.domain import DOMAIN, RunbookDomain

_logger = logging.getLogger(__name__)

EXTENSION: Final = "runbook.sphinx"
"""The name of our extension in a conf.py."""

SHORT_NAMES: Final = "runbook_short_names"
"""The configuration value that says whether our directives and roles have short names too."""

OTHERS: Final = "runbook_other_directives"
"""The configuration value that lists the names which other extensions keep."""

DIRECTIVES: Final[dict[str, type[RunbookDirective]]] = {
    directive.directive_name: directive
    for directive in (
        StepDirective,
        CheckDirective,
        FileDirective,
        ManualDirective,
        PlatformDirective,
        ChoiceDirective,
        AnswersDirective,
    )
}
"""The directives of steps, by their short names."""


def registered(name: str) -> type[Directive] | None:
    """Return the directive that is registered by `name`, if it is a class."""
    # docutils has no public access to what was registered.
    found = directives._directives.get(name)  # type: ignore[attr-defined]
    return found if isinstance(found, type) and issubclass(found, Directive) else None


def is_ours(name: str) -> bool:
    """Tell whether the directive called `name` is one of those that mark up steps."""
    domain, _, short = name.rpartition(":")
    if domain:
        return domain == DOMAIN and short in DIRECTIVES
    found = registered(name)
    return found is not None and issubclass(found, RunbookDirective)


def _is_ours(directive: type[Directive]) -> bool:
    return any(one.__module__.startswith("runbook.") for one in directive.__mro__)


def register(app: Sphinx, config: Config) -> None:
    """Register our directives beside those of all other extensions."""
    for name in MIXINS:
        app.add_directive(name, located(name, registered(name)), override=True)
    for name in BLOCKS:
        theirs = registered(name)
        if theirs is not None and not issubclass(theirs, Recording):
            app.add_directive(name, recording(name, theirs), override=True)
    if getattr(config, SHORT_NAMES):
        _register_short_names(app, config)


def _register_short_names(app: Sphinx, config: Config) -> None:
    # A guide that does not list our extension means its own directives and roles.
    listed = EXTENSION in config.extensions
    for name, role in RunbookDomain.roles.items():
        if not is_role_registered(name) or (listed and name == "secret"):
            app.add_role(name, role, override=True)
    for name, ours in app.registry.domain_directives[DOMAIN].items():
        theirs = registered(name)
        if theirs is None or _is_ours(theirs):
            app.add_directive(name, ours, override=True)
        elif not listed or name in getattr(config, OTHERS):
            continue
        elif not _share(app, name, theirs, ours):
            app.add_directive(name, ours, override=True)
            _logger.warning(
                "the directive %r of %s is hidden by that of runbook; "
                "to keep it, set %s = [%r] in conf.py, and write 'runbook:%s' for the other",
                name,
                theirs.__module__.partition(".")[0],
                OTHERS,
                name,
                name,
                type="runbook",
                subtype="directive",
            )


def _share(app: Sphinx, name: str, theirs: type[Directive], ours: type[Directive]) -> bool:
    """Register both directives `step` if one is that of sphinx-design; return whether it is."""
    outer = registered("steps")
    if name != "step" or outer is None or theirs.__module__ != outer.__module__:
        return False

    class Step(theirs):  # type: ignore[misc, valid-type]
        def run(self) -> list[nodes.Node]:
            with _meaning("step", ours):
                return list(super().run())

    class Steps(outer):  # type: ignore[misc, valid-type]
        def run(self) -> list[nodes.Node]:
            with _meaning("step", Step):
                return list(super().run())

    app.add_directive("steps", Steps, override=True)
    app.add_directive("step", ours, override=True)
    return True


@contextmanager
def _meaning(name: str, directive: type[Directive]) -> Iterator[None]:
    """Give a name another meaning while the content of a directive is parsed."""
    before = registered(name)
    directives.register_directive(name, directive)
    try:
        yield
    finally:
        if before is not None:
            directives.register_directive(name, before)
