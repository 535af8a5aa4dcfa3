"""Run Sphinx on a guide, and where that is wanted do without what makes it crash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import define, field
from sphinx.errors import ConfigError, SphinxError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from runbook.errors import RunbookError
from runbook.sphinx.application import Planner, blamed
from runbook.sphinx.configuration import literal_if_broken, reason
from runbook.sphinx.lookup import lenient
from runbook.sphinx.warned import Listener

_TRIES: Final = 4
"""How often a guide is read anew without what has crashed."""


class PlanError(RunbookError):
    """The guide cannot be planned; the message has one line for each problem."""


@define
class Attempt:
    """What is to be read, and how; afterwards `notes` say what was done without.

    `without` are the extensions that are left out from the beginning.
    """

    guide: Path
    output: Path
    lenient: bool
    tags: Sequence[str] = ()
    jobs: int = 1
    fresh: bool = False
    without: frozenset[str] = frozenset()
    notes: list[str] = field(factory=list)
    _loaded: list[str] = field(factory=list)

    @contextmanager
    def read(self) -> Iterator[tuple[Planner, Listener]]:
        """Give Sphinx after it has read the guide, and what it has said.

        Raises:
            PlanError: it cannot be read.
            RunbookError: the cluster file is wrong.

        """
        for _ in range(_TRIES):
            self.notes = []
            listener = Listener(self.guide)
            with patch_docutils(self.guide), docutils_namespace():
                try:
                    app = self._run(listener)
                except (Exception, BaseExceptionGroup) as error:
                    worse = self._worse(error)
                    if not worse:
                        raise self._told(error, listener) from error
                else:
                    self.notes += [
                        f"conf.py: {name!r} is left out: {why}"
                        for name, why in app.left_out.items()
                    ]
                    yield app, listener
                    return
            self.without |= worse
            self.fresh = True
        raise PlanError(f"{self.guide}: also without {', '.join(sorted(self.without))} it crashes")

    def _run(self, listener: Listener) -> Planner:
        if not self.lenient:
            return self._build(listener)
        with lenient(), literal_if_broken(self.notes.append):
            return self._build(listener)

    def _build(self, listener: Listener) -> Planner:
        self._loaded.clear()
        app = Planner(
            self.guide,
            self.output,
            lenient=self.lenient,
            without=self.without,
            loaded=self._loaded,
            status=None,
            warning=listener,
            freshenv=self.fresh,
            tags=(*self.tags, "html"),
            parallel=self.jobs,
        )
        listener.attach(app)
        app.build()
        return app

    def _worse(self, error: BaseException) -> frozenset[str]:
        """Return what else to leave out; nothing, if the error is not an extension's."""
        if not self.lenient or isinstance(error, ConfigError | RunbookError):
            return frozenset()
        return blamed(error, self._loaded) - self.without

    def _told(self, error: BaseException, listener: Listener) -> RunbookError:
        """Return the error as an operator can act on it."""
        if isinstance(error, ConfigError) and isinstance(error.__cause__, RunbookError):
            return error.__cause__
        if isinstance(error, ConfigError) and error.__cause__ is not None:
            said = str(error).strip().split("\n")[0].removesuffix(str(error.__cause__)).rstrip(": ")
            said = f"conf.py: {said}: {reason(error)}"
        elif isinstance(error, SphinxError):
            said = "\n".join([*(one.text for one in listener.told), str(error)])
        else:
            said = f"{self.guide}: reading it crashes: {type(error).__name__}: {error}"
        offered = self.lenient or "--lenient" in said
        return PlanError(said if offered else f"{said}; --lenient does without what does not work")
