"""The Sphinx application that a plan runs: it fetches nothing and tolerates missing extensions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final

from sphinx.application import Sphinx, builtin_extensions
from sphinx.config import Config
from sphinx.errors import ExtensionError

from runbook.errors import RunbookError
from runbook.sphinx.directives import permissive
from runbook.sphinx.directives.registry import EXTENSION
from runbook.sphinx.planning.lenient import guarded_parser
from runbook.sphinx.planning.observed import note_configured

CONF: Final = "conf.py"
"""The name of conf.py's own `setup` among the names of extensions."""


class PlanningApp(Sphinx):
    """Sphinx with our extension, whether or not the guide's conf.py lists it.

    The extensions in `excluded` are not loaded. With `lenient`, one that cannot be loaded is not
    an error. `left_out` maps both to the reason; the names of all others are added to `loaded`.
    """

    def __init__(
        self,
        guide: Path,
        output: Path,
        *,
        lenient: bool,
        excluded: Collection[str],
        loaded: list[str],
        **more: Any,
    ) -> None:
        self.lenient = lenient
        self.excluded = excluded
        self.loaded = loaded
        self.left_out: dict[str, str] = {}
        super().__init__(guide, guide, output, output / "doctrees", "runbook", **more)

    @property
    def is_foreign(self) -> bool:
        """Whether the guide's conf.py does not list our extension."""
        return EXTENSION not in self.config.extensions

    def setup_extension(self, extname: str) -> None:
        """Set up an extension, or note why it is left out."""
        if extname in self.excluded:
            self.left_out[extname] = "it crashes"
            return
        try:
            super().setup_extension(extname)
        except Exception as error:
            if extname == EXTENSION:
                raise
            self.left_out[extname] = _reason(error)
        else:
            self.loaded.append(extname)

    def preload_builder(self, name: str) -> None:
        """Set up our extension after those of the guide."""
        if self.left_out and not self.lenient:
            raise ExtensionError(
                "\n".join(
                    f"conf.py: the extension {name!r} cannot be used: {reason}; install it, or "
                    "read the guide without it with --lenient"
                    for name, reason in self.left_out.items()
                )
            )
        self.setup_extension(EXTENSION)
        if callable(self.config.setup):
            self.config.setup = self._guard(self.config.setup)
        self.connect("config-inited", _configure, priority=1)
        self.connect("config-inited", _prepare_planning, priority=999)
        super().preload_builder(name)

    def can_do_without(self, error: Exception) -> bool:
        """Return whether only one document has to be left out because reading it raised `error`.

        This is so if its parser is to blame, or nobody in particular.
        """
        if isinstance(error, RunbookError):
            return False
        parsers = {_root(parser.__module__) for parser in self.registry.source_parsers.values()}
        suspects = suspect_extensions(error, self.loaded)
        return all(_root(name) in parsers for name in suspects)

    def _guard(self, setup: Callable[[Sphinx], Any]) -> Callable[[Sphinx], Any]:
        def guarded_setup(app: Sphinx) -> Any:
            if CONF in self.excluded:
                self.left_out[CONF] = "it crashes"
                return None
            try:
                return setup(app)
            except Exception as error:
                if not self.lenient:
                    raise
                self.left_out[CONF] = _reason(error)
                return None

        return guarded_setup


def _configure(_: Sphinx, config: Config) -> None:
    """Turn off what fetches inventories, writes to the guide, or changes quotes.

    sphinx-tabs makes the tabs of its pages only for builders that it knows. For others, it reads
    the content of each tab twice.
    """
    for name, value in (
        ("intersphinx_mapping", {}),
        ("autosummary_generate", False),
        ("smartquotes", False),
    ):
        if name in config:
            setattr(config, name, value)
    if "sphinx_tabs_valid_builders" in config:
        config.sphinx_tabs_valid_builders = [*config.sphinx_tabs_valid_builders, "runbook"]


def _prepare_planning(app: Sphinx, config: Config) -> None:
    """Register the permissive directives after everything else, and drop unreadable suffixes."""
    permissive.register(app)
    note_configured()
    if isinstance(app, PlanningApp) and app.lenient:
        parsers = app.registry.source_parsers
        parsers.update(
            {name: guarded_parser(one, app.can_do_without) for name, one in parsers.items()}
        )
        for suffix, filetype in list(config.source_suffix.items()):
            if filetype not in app.registry.source_parsers:
                del config.source_suffix[suffix]
                app.left_out[f"*{suffix}"] = f"no parser for {filetype or suffix} is installed"


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig_exc", None) or error.__cause__ or error
    return " ".join(str(cause).split()) or type(cause).__name__


def suspect_extensions(error: BaseException, extensions: Collection[str]) -> frozenset[str]:
    """Return the extension whose code raised `error`, or an empty set if that is unclear.

    Of several that the error came through, it is the innermost: a parser that runs a directive
    is not to blame for it.
    """
    optional = [name for name in extensions if name not in builtin_extensions and name != EXTENSION]
    foreign = [name for name in optional if not name.startswith("sphinx.")]
    chain = list(_exception_chain(error))
    # Sphinx names the module of a handler that fails.
    modules = [name for one in chain if (name := getattr(one, "modname", None))]
    for one in reversed(chain):
        frames = [frame.f_globals.get("__name__") for frame, _ in walk_tb(one.__traceback__)]
        modules += [name or CONF for name in reversed(frames)]
    for candidates, module_of in ((foreign, str), (foreign, _root), (optional, str)):
        for module in modules:
            if module == CONF and module_of is _root:
                return frozenset({CONF})
            found = {one for one in candidates if _is_within(module_of(one), module_of(module))}
            if found:
                return frozenset(found)
    return frozenset()


def all_suspects(extensions: Collection[str]) -> frozenset[str]:
    """Return the extensions that are not Sphinx's own, and conf.py."""
    own = (*builtin_extensions, EXTENSION)
    return frozenset(
        {CONF, *(n for n in extensions if n not in own and not n.startswith("sphinx."))}
    )


def _root(module: str) -> str:
    return module.partition(".")[0]


def _is_within(package: str, module: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _exception_chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig_exc", None) or error.__cause__ or error.__context__
