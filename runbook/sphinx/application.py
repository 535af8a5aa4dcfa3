"""Sphinx as the plan runs it: it knows our directives, fetches nothing, and can do without."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final

from sphinx.application import Sphinx, builtin_extensions
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.util.docutils import is_directive_registered, is_role_registered

from runbook.sphinx import planning

OURS: Final = "runbook.sphinx"
CONF: Final = "conf.py"
"""What stands for the configuration's own `setup` among the names of extensions."""


class Planner(Sphinx):
    """Sphinx that knows our directives whether or not the guide's conf.py names them.

    Extensions named in `without` are left out. With `lenient`, so are those that fail;
    `left_out` has them with the reason, and `loaded` comes to hold the others.
    """

    def __init__(
        self,
        guide: Path,
        output: Path,
        *,
        lenient: bool,
        without: Collection[str],
        loaded: list[str],
        **more: Any,
    ) -> None:
        self.lenient = lenient
        self.without = without
        self.loaded = loaded
        self.left_out: dict[str, str] = {}
        self._registering = False
        super().__init__(guide, guide, output, output / "doctrees", "runbook", **more)

    @property
    def foreign(self) -> bool:
        """Whether the guide is one that does not know us."""
        return OURS not in self.config.extensions

    def setup_extension(self, extname: str) -> None:
        """Set up an extension, or do without it."""
        if extname in self.without:
            self.left_out[extname] = "it crashes"
            return
        try:
            super().setup_extension(extname)
        except Exception as error:
            if extname == OURS:
                raise
            self.left_out[extname] = _why(error)
        else:
            self.loaded.append(extname)

    def preload_builder(self, name: str) -> None:
        """Add what is ours when the guide's extensions are there."""
        if self.left_out and not self.lenient:
            raise ExtensionError(
                "\n".join(
                    f"conf.py: the extension {name!r} cannot be used: {why}; install it, or read "
                    "the guide without it with --lenient"
                    for name, why in self.left_out.items()
                )
            )
        self._registering = True
        self.setup_extension(OURS)
        self._registering = False
        if callable(self.config.setup):
            self.config.setup = self._guarded(self.config.setup)
        self.connect("config-inited", _configure, priority=1)
        self.connect("config-inited", _take_over, priority=999)
        super().preload_builder(name)

    def add_directive(self, name: str, cls: Any, override: bool = False) -> None:
        """Add a directive; a guide's own has precedence over ours of the same name."""
        if not (self._registering and not override and is_directive_registered(name)):
            super().add_directive(name, cls, override)

    def add_role(self, name: str, role: Any, override: bool = False) -> None:
        """Add a role; a guide's own has precedence over ours of the same name."""
        if not (self._registering and not override and is_role_registered(name)):
            super().add_role(name, role, override)

    def _guarded(self, setup: Callable[[Sphinx], Any]) -> Callable[[Sphinx], Any]:
        def guarded(app: Sphinx) -> Any:
            if CONF in self.without:
                self.left_out[CONF] = "it crashes"
                return None
            try:
                return setup(app)
            except Exception as error:
                if not self.lenient:
                    raise
                self.left_out[CONF] = _why(error)
                return None

        return guarded


def _configure(_: Sphinx, config: Config) -> None:
    """Fetch no inventory, write nothing beside the guide, leave the words as they are."""
    for name, value in (
        ("intersphinx_mapping", {}),
        ("autosummary_generate", False),
        ("smartquotes", False),
    ):
        if name in config:
            setattr(config, name, value)


def _take_over(app: Sphinx, config: Config) -> None:
    """Register what is ours for planning, when nothing else is going to be registered."""
    planning.register(app)
    if isinstance(app, Planner) and app.lenient:
        for suffix, filetype in list(config.source_suffix.items()):
            if filetype not in app.registry.source_parsers:
                del config.source_suffix[suffix]
                app.left_out[f"*{suffix}"] = f"nothing here reads {filetype or suffix}"


def _why(error: Exception) -> str:
    cause = getattr(error, "orig_exc", None) or error.__cause__ or error
    return " ".join(str(cause).split()) or type(cause).__name__


def blamed(error: BaseException, extensions: Collection[str]) -> frozenset[str]:
    """Return the extensions whose code raised `error`; all, if it cannot be told."""
    optional = [name for name in extensions if name not in builtin_extensions and name != OURS]
    foreign = [name for name in optional if not name.startswith("sphinx.")]
    seen: set[str] = set()
    for one in _chain(error):
        seen.update(
            frame.f_globals.get("__name__") or CONF for frame, _ in walk_tb(one.__traceback__)
        )
        seen.add(getattr(one, "modname", None) or "")
    roots = {module.partition(".")[0] for module in seen}
    for guilty in (
        {name for name in foreign if _within(name, seen)},
        {name for name in foreign if name.partition(".")[0] in roots},
        {CONF} & seen,
        {name for name in optional if _within(name, seen)},
    ):
        if guilty:
            return frozenset(guilty)
    return frozenset({*foreign, CONF})


def _within(package: str, modules: Collection[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for module in modules)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig_exc", None) or error.__cause__ or error.__context__
