"""The directives, options and roles that are registered in a guide that Sphinx has opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docutils.parsers.rst import directives, roles
from docutils.parsers.rst.languages import en
from sphinx.application import Sphinx

from runbook.language_server.messages import Directive, Option, Vocabulary
from runbook.sphinx.directives.base import RunbookDirective
from runbook.sphinx.directives.described import first_sentence, option_says, option_values


def vocabulary_of(app: Sphinx) -> Vocabulary:
    """Return what documents of the guide can use."""
    return Vocabulary(
        {name: _directive(found) for name, found in sorted(dict(_directives(app)).items())},
        tuple(sorted(set(_roles(app)))),
    )


def _directives(app: Sphinx) -> Iterator[tuple[str, Any]]:
    # docutils has no public access to what is registered.
    registered: Any = directives
    for name in en.directives:
        found, _ = directives.directive(name, en, _NoDocument())  # type: ignore[arg-type]
        if found is not None:
            yield name, found
    yield from registered._directives.items()
    for domain in app.env.domains.values():
        prefix = "" if domain.name == app.config.primary_domain else f"{domain.name}:"
        yield from ((f"{prefix}{name}", found) for name, found in domain.directives.items())
        if domain.name == "std":
            yield from domain.directives.items()


class _NoDocument:
    """Takes the place of a document, of which docutils reports what it does not find."""

    class Reporter:
        def info(self, *_: Any, **__: Any) -> None: ...
        def error(self, *_: Any, **__: Any) -> None: ...

    reporter = Reporter()


def _directive(found: Any) -> Directive:
    options: Mapping[str, Callable[..., Any]] = getattr(found, "option_spec", None) or {}
    ours = isinstance(found, type) and issubclass(found, RunbookDirective)
    return Directive(
        first_sentence(found) if ours else "",
        ours,
        {
            name: Option(option_says(converter) if ours else "", option_values(converter))
            for name, converter in sorted(options.items())
        },
    )


def _roles(app: Sphinx) -> Iterator[str]:
    registered: Any = roles
    yield from (name for name in registered._role_registry if name)
    yield from (name for name in registered._roles if name)
    for domain in app.env.domains.values():
        if domain.name == "std":
            yield from domain.roles
        else:
            yield from (f"{domain.name}:{name}" for name in domain.roles)
