"""Run Sphinx on a guide, if wanted without the extensions that make it crash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from attrs import define, field
from sphinx.errors import ConfigError, SphinxError, SphinxParallelError
from sphinx.util.docutils import docutils_namespace, patch_docutils

from runbook.errors import RunbookError
from runbook.results.plan_record import PlanError
from runbook.sphinx.planning.application import PlanningApp, all_suspects, suspect_extensions
from runbook.sphinx.planning.configuration import lenient_configuration, reason
from runbook.sphinx.planning.lenient import lenient_lookup
from runbook.sphinx.planning.output import stdout_to_stderr
from runbook.sphinx.planning.sphinx_warnings import WarningRecorder

_MAX_ATTEMPTS: Final = 4
"""How often Sphinx is started, each time without the extensions that crashed before."""


@define
class GuideReader:
    """Runs Sphinx on a guide; afterwards `notes` list what was left out.

    `excluded` are the extensions that are not loaded; those that crash are added to it.
    """

    guide: Path
    output: Path
    lenient: bool
    tags: Sequence[str] = ()
    jobs: int = 1
    freshenv: bool = False
    language: str = ""
    excluded: frozenset[str] = frozenset()
    notes: list[str] = field(factory=list)
    _loaded: list[str] = field(factory=list)

    @contextmanager
    def read(self) -> Iterator[tuple[PlanningApp, WarningRecorder]]:
        """Yield the application after it has read the guide, and its warnings.

        Raises:
            PlanError: it cannot be read.
            RunbookError: the cluster file is wrong.

        """
        for _ in range(_MAX_ATTEMPTS):
            self.notes = []
            recorder = WarningRecorder(self.guide)
            with patch_docutils(self.guide), docutils_namespace():
                try:
                    app = self._run(recorder)
                except SphinxParallelError as error:
                    if not self.lenient:
                        raise self._as_plan_error(error, recorder) from error
                    # One process tells whose code it was.
                    self.jobs, crashing = 1, frozenset[str]()
                except (Exception, BaseExceptionGroup) as error:
                    crashing = self._extensions_to_exclude(error)
                    if not crashing:
                        raise self._as_plan_error(error, recorder) from error
                else:
                    self.notes += [
                        f"conf.py: {name!r} is left out: {why}"
                        for name, why in app.left_out.items()
                    ]
                    yield app, recorder
                    return
            self.excluded |= crashing
            self.freshenv = True
        raise PlanError(
            f"{self.guide}: Sphinx still crashes without {', '.join(sorted(self.excluded))}"
        )

    def _run(self, recorder: WarningRecorder) -> PlanningApp:
        with stdout_to_stderr():
            if not self.lenient:
                return self._build(recorder)
            with lenient_lookup(), lenient_configuration(self.notes.append):
                return self._build(recorder)

    def _build(self, recorder: WarningRecorder) -> PlanningApp:
        self._loaded.clear()
        app = PlanningApp(
            self.guide,
            self.output,
            lenient=self.lenient,
            excluded=self.excluded,
            loaded=self._loaded,
            status=None,
            warning=recorder,
            freshenv=self.freshenv,
            tags=(*self.tags, "html"),
            parallel=self.jobs,
            confoverrides={"language": self.language} if self.language else None,
        )
        recorder.attach(app)
        app.build()
        return app

    def _extensions_to_exclude(self, error: BaseException) -> frozenset[str]:
        """Return the extensions to exclude next; none if the error is not due to one."""
        if not self.lenient or isinstance(error, ConfigError | RunbookError):
            return frozenset()
        suspects = suspect_extensions(error, self._loaded) or all_suspects(self._loaded)
        return suspects - self.excluded

    def _as_plan_error(self, error: BaseException, recorder: WarningRecorder) -> RunbookError:
        """Return the error with a message that an operator can act on."""
        if isinstance(error, ConfigError) and isinstance(error.__cause__, RunbookError):
            return error.__cause__
        if isinstance(error, ConfigError) and error.__cause__ is not None:
            message = (
                str(error).strip().split("\n")[0].removesuffix(str(error.__cause__)).rstrip(": ")
            )
            message = f"conf.py: {message}: {reason(error)}"
        elif isinstance(error, SphinxError):
            message = "\n".join([*(one.text for one in recorder.warnings), str(error)])
        else:
            message = (
                f"{self.guide}: Sphinx crashes while reading it: {type(error).__name__}: {error}"
            )
        offered = self.lenient or "--lenient" in message
        return PlanError(message if offered else f"{message}; --lenient skips what does not work")
