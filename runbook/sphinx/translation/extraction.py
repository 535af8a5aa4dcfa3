"""The messages of a guide: all that can be translated, written as templates by Sphinx."""

from __future__ import annotations

import io
from pathlib import Path

from attrs import frozen
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from runbook.errors import RunbookError


@frozen
class Extracted:
    """Where the templates of a guide are, and what its conf.py says of catalogues.

    `directories` are those of the catalogues, `language` is that of the documents.
    """

    templates: Path
    directories: tuple[Path, ...]
    title: str
    language: str


def extract(guide: Path, output: Path) -> Extracted:
    """Write the templates of `guide` below the directory `output`.

    Raises:
        RunbookError: Sphinx cannot read the guide.

    """
    guide, templates = guide.resolve(), (output / "templates").resolve()
    warnings = io.StringIO()
    for old in templates.rglob("*.pot"):
        old.unlink()
    with patch_docutils(str(guide)), docutils_namespace():
        try:
            app = Sphinx(
                guide, guide, templates, output.resolve() / "doctrees", "gettext",
                status=None, warning=warnings,
                # A catalogue says nothing of where its messages stand, so that it stays as it is
                # when they only move.
                confoverrides={"gettext_uuid": False, "gettext_location": False},
            )  # fmt: skip
            app.build(force_all=True)
        except Exception as error:
            said = warnings.getvalue().strip()
            message = f"{guide}: its messages cannot be collected: {error}"
            raise RunbookError(f"{said}\n{message}" if said else message) from error
        config = app.config
        return Extracted(
            templates,
            tuple(Path(guide, one) for one in config.locale_dirs),
            str(config.project),
            str(config.language),
        )
