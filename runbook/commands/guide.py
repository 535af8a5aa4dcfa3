"""A guide on disk: its plan, and the directories of its results."""

from __future__ import annotations

import contextlib
import difflib
import gc
import platform
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runbook import __version__
from runbook.errors import RunbookError
from runbook.model import Runbook, codec
from runbook.results import artefact, plan_record


def planned(
    guide: Path,
    *,
    strict: bool = False,
    lenient: bool = False,
    language: str = "",
    tell: Callable[[plan_record.Messages], None] = plan_record.Messages.show,
) -> Runbook:
    """Return the runbook of the guide; only documents that changed are read again.

    If nothing changed at all, Sphinx is not even imported.

    With `lenient`, what the guide needs but is not installed here is left out with a warning. What
    there is to say about the guide goes to `tell`; by default it is shown, and errors are raised.
    With a `language`, titles and sentences are translated, and nothing else differs.

    Raises:
        RunbookError: the guide has errors; the message names file and line of each.

    """
    if not (guide / "conf.py").is_file():
        raise RunbookError(f"{guide}: not a guide: it has no conf.py")
    output = plan_record.directory(guide)
    if language:
        _refuse_unknown(guide, language)
        output = output / "languages" / language
    if recalled := plan_record.recall(output, lenient=lenient):
        runbook, record = recalled
        tell(record.strict if strict else record.said)
        return runbook
    with _rare_garbage_collection():
        # Only here, because the imports alone take longer than everything above.
        from runbook.commands.schema import write_schemas
        from runbook.sphinx.planning import plan

        # First: who looks for the mistake in a file of the guide wants its schema most. Without it
        # an editor knows less, which is no reason to fail.
        with contextlib.suppress(artefact.ArtefactError):
            write_schemas(guide / artefact.SCHEMAS)
        return plan.build(
            guide, output=output, strict=strict, lenient=lenient, tell=tell, language=language
        )


def _refuse_unknown(guide: Path, language: str) -> None:
    """Refuse what is not the name of a language.

    Raises:
        RunbookError: it has other characters; whether there are catalogues is not asked.

    """
    if not re.fullmatch(r"[A-Za-z]{2,8}([_-][A-Za-z0-9]{2,8})*", language):
        raise RunbookError(f"{guide}: {language!r} is not a language, such as zh_CN")


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Search for garbage at a hundredth of the usual rate.

    As usual it takes a fifth of the time of a plan. Without it, the documents that were read stay
    in memory: half a megabyte each.
    """
    was_enabled, thresholds = gc.isenabled(), gc.get_threshold()
    gc.set_threshold(100_000, 5, 20)
    gc.enable()
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if not was_enabled:
            gc.disable()


def run_directory(guide: Path, kind: str) -> Path:
    """Return the directory of a lab's journal and reports."""
    return guide / "build" / kind


def write_plan(guide: Path, directory: Path, runbook: Runbook) -> None:
    """Write the plan of a run, which is `runbook`, into the directory of its results.

    Raises:
        RunbookError: it cannot be written.

    """
    path = directory / "plan.json"
    schema = artefact.schema_address(guide, "plan", path)
    artefact.write(path, codec.dumps(runbook, schema=schema) + "\n")


def versions(guide: Path) -> dict[str, str]:
    """Return the versions that reports show."""
    found = {"sphinx-runbook": __version__, "python": platform.python_version()}
    with contextlib.suppress(OSError):  # git may not be installed
        described = subprocess.run(
            ["git", "-C", str(guide), "describe", "--always", "--dirty"],
            capture_output=True,
            text=True,
            check=False,
        )
        if described.returncode == 0:
            found["guide"] = described.stdout.strip()
    return found


def unknown_id(id_: str, known: Iterable[str]) -> str:
    """Return the message for an unknown id, with the ids that are closest to it."""
    names = list(known)
    near = difflib.get_close_matches(id_, names, cutoff=0.5)
    tail = id_.rpartition("/")[2]
    near += [name for name in names if name.rpartition("/")[2] == tail and name not in near]
    hint = f"; the closest are: {', '.join(near)}" if near else ""
    return f"there is no step or block {id_!r}{hint}"
