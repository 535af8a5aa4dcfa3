"""Everything that a plan depends on, once Sphinx has read the guide."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from sphinx.application import Sphinx
from sphinx.project import EXCLUDE_PATHS
from sphinx.util.matching import compile_matchers

import runbook
from runbook.model.cluster import PLACE
from runbook.results.sources import DocumentPatterns, Sources
from runbook.sphinx.planning.observed import Observed

_PACKAGE: Final = Path(runbook.__file__).parent


def sources_of(
    app: Sphinx, observed: Observed, output: Path, *, search: Iterable[str], since: int
) -> Sources | None:
    """Return what the plan depends on; `None` if it cannot be known.

    `since` is when reading began, in nanoseconds, and `search` where Python looked for modules
    then. The directory `output` is Sphinx's own.
    """
    env = app.env
    if observed.outside or env.reread_always:
        return None
    produced = f"{output}{os.sep}"
    paths = {path for path in _paths(app) if not path.startswith(produced)}
    paths |= {path for path in observed.paths if not path.startswith(produced)}
    own = tuple(f"{one}{os.sep}" for one in (app.confdir, _PACKAGE))
    installed = f"{sys.prefix}{os.sep}"
    compared = {path for path in paths if path.startswith(own) and not path.startswith(installed)}
    found = Sources.observe(
        _patterns(app),
        paths,
        compared=compared,
        search=search,
        environment=observed.environment,
        since=since,
    )
    if found is None or {env.path2doc(path) for path in found.documents} != env.found_docs:
        return None
    return found


def _paths(app: Sphinx) -> Iterator[str]:
    directory = Path(app.confdir)
    for name in ("conf.py", PLACE, "docutils.conf"):
        yield str(directory / name)
    if directory_of_notes := app.config.runbook_sources:
        yield str(directory / directory_of_notes)
    for dependencies in app.env.dependencies.values():
        for one in dependencies:
            yield str(Path(app.srcdir, one))
    for place in app.config.locale_dirs if app.config.language else ():
        yield from _catalogs(Path(app.srcdir, place, app.config.language))
    for module in list(sys.modules.values()):
        if isinstance(path := getattr(module, "__file__", None), str):
            yield path
    # A module that is installed now may be found before, or instead of nothing.
    for path in sys.path:
        yield os.path.abspath(path)  # noqa: PTH100  # the empty path is the current directory
    for root, _, files in os.walk(_PACKAGE):
        if not root.endswith("__pycache__"):
            yield from (f"{root}/{name}" for name in files)


def _catalogs(directory: Path) -> Iterator[str]:
    """Yield the catalogs of translations, and the directories where more may appear."""
    yield str(directory)
    for root, directories, files in os.walk(directory):
        yield from (f"{root}/{name}" for name in (*directories, *files))


def _patterns(app: Sphinx) -> DocumentPatterns:
    config = app.config
    excluded = (*config.exclude_patterns, *config.templates_path, *app.builder.get_asset_paths())
    return DocumentPatterns(
        str(app.srcdir),
        tuple(config.source_suffix),
        _expressions(config.include_patterns),
        _expressions((*excluded, *EXCLUDE_PATHS)),
    )


def _expressions(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return Sphinx's regular expressions for its patterns."""
    matchers: list[Any] = list(compile_matchers(patterns))
    return tuple(matcher.__self__.pattern for matcher in matchers)
