"""The rules for prose that conf.py sets: the terms of the guide, and the template of a chapter."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ConfigError

from runbook.lint.template import ALWAYS, CHANGES
from runbook.model.node import YamlError
from runbook.model.terms import Term, load

READ: Final = "runbook_read_terms"
"""The configuration value that holds the terms which have been read."""


def read_rules(app: Sphinx, config: Config) -> None:
    """Read the terms of the file that `runbook_terms` names, and check `runbook_template`."""
    try:
        terms = load(Path(app.confdir) / config.runbook_terms) if config.runbook_terms else ()
    except YamlError as error:
        raise ConfigError(str(error)) from error
    setattr(config, READ, terms)
    if not isinstance(config.runbook_template, dict):
        raise ConfigError(
            "runbook_template: must be a dictionary of titles of sections, each with "
            f"{ALWAYS!r} or {CHANGES!r}"
        )
    for title, when in config.runbook_template.items():
        if when not in (ALWAYS, CHANGES):
            raise ConfigError(
                f"runbook_template: {title!r} must be {ALWAYS!r} or {CHANGES!r}, not {when!r}"
            )


def terms_of(app: Sphinx) -> tuple[Term, ...]:
    """Return the terms of the guide."""
    found: tuple[Term, ...] = getattr(app.config, READ)
    return found
