"""The guide as pytest collects it: directories, chapters, and an item for each step and host."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from runbook.errors import RunbookError
from runbook.model import Chapter, Cluster, Step
from runbook.pytest_plugin.guide_lab import GuideLab, lab_of
from runbook.pytest_plugin.guide_run import GuideRun, StepOnHost
from runbook.pytest_plugin.verdicts import as_error, judge, tell_plan
from runbook.report.text import sanitize
from runbook.results import Verdict
from runbook.results.plan_record import Message

_ACTING_MARKS: Final = frozenset(
    {"filterwarnings", "on", "parametrize", "skip", "skipif", "usefixtures", "xdist_group", "xfail"}
)
"""Marks by which pytest, or a plugin, treats an item otherwise; no tag may have their names."""


class GuideDirectory(pytest.Directory):
    """A directory with chapters of a guide; tests in it are collected as usual."""

    @property
    def guide(self) -> Guide:
        """The guide that the directory is part of."""
        guide = self.getparent(Guide)
        assert guide is not None  # noqa: S101  # it made this directory
        return guide

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield the chapters in the order of the guide, then what pytest finds by itself."""
        mine: dict[Path, pytest.Collector] = {}
        for chapter, path in self.guide.documents:
            if self.path not in path.parents:
                continue
            child = self.path / path.relative_to(self.path).parts[0]
            if child == path:
                mine[child] = ChapterFile.from_parent(
                    self, path=path, chapter=chapter, guide=self.guide
                )
            elif child not in mine:
                mine[child] = GuideDirectory.from_parent(self, path=child)
        yield from mine.values()
        for path in sorted(self.path.iterdir()):
            if path not in mine and not self._is_ignored(path):
                yield from self._tests(path)

    def _is_ignored(self, path: Path) -> bool:
        named = self.session.isinitpath(path, with_parents=path.is_dir())
        return not named and bool(
            self.ihook.pytest_ignore_collect(collection_path=path, config=self.config)
        )

    def _tests(self, path: Path) -> Iterable[pytest.Collector]:
        if path.is_dir():
            found = self.ihook.pytest_collect_directory(path=path, parent=self)
            return () if found is None else (found,)
        return self.ihook.pytest_collect_file(file_path=path, parent=self) if path.is_file() else ()


class Guide(GuideDirectory):
    """The directory of a guide, which is planned when it is collected."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.documents: tuple[tuple[Chapter, Path], ...] = ()
        self.run: GuideRun | None = None
        self.asked: dict[StepOnHost, Verdict] = {}
        self._marks: set[str] = set()

    @property
    def lab(self) -> GuideLab:
        """The guide's lab in this process."""
        return lab_of(self.config, self.path.resolve())

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Plan the guide and yield what is in it."""
        try:
            with warnings.catch_warnings():
                # What Sphinx and its extensions say to Python's developers is not about the guide.
                warnings.simplefilter("ignore")
                runbook = self.lab.runbook
                # What was agreed to is named, and so are the machines.
                _ = self.lab.selection
            self.documents = tuple(
                (chapter, _document(self.path, chapter)) for chapter in runbook.chapters
            )
            chapters = {path for _, path in self.documents}
            tell_plan(self.path, (m for m in self.lab.warnings if self.of(m) not in chapters))
        except RunbookError as error:
            raise self.CollectError(sanitize(str(error))) from error
        yield from super().collect()

    def of(self, message: Message) -> Path:
        """Return the file that a message of the plan is about."""
        return self.path / message.location.document

    def setup(self) -> None:
        """Start the run, unless each chapter has one of its own, on the lab of a worker."""
        if not self.lab.wanted.worker:
            self.start(self)

    def start(self, node: pytest.Collector) -> None:
        """Start a run of the steps below `node` that no run was asked for; it ends with `node`.

        Without any, as when only tests in the guide's directory are selected, none is started.
        """
        left = {
            (item.step.id, item.host)
            for item in self.session.items
            if isinstance(item, StepItem) and node in item.listchain()
        } - self.asked.keys()
        if left and not self.config.option.setuponly:
            with as_error():
                self.run = GuideRun(self.lab, left, self.asked, self.config)
            node.addfinalizer(self.run.finish)

    def register_mark(self, word: str, kind: str) -> None:
        """Register a mark of the guide, once."""
        if word not in self._marks:
            self._marks.add(word)
            self.config.addinivalue_line("markers", f"{word}: {kind} of a guide")


class ChapterFile(pytest.File):
    """A chapter of a guide; a worker runs it as a whole."""

    def __init__(self, *, chapter: Chapter, guide: Guide, **given: Any) -> None:
        super().__init__(**given)
        self.chapter = chapter
        self.guide = guide

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        """Yield an item for each step and each of its hosts."""
        if self.config.pluginmanager.hasplugin("xdist"):
            self.add_marker(pytest.mark.xdist_group(name=self.nodeid))
        # Only of chapters that are asked for: those of others are not this session's business.
        mine = [one for one in self.guide.lab.warnings if self.guide.of(one) == self.path]
        try:
            tell_plan(self.guide.path, mine)
        except RunbookError as error:
            raise self.CollectError(sanitize(str(error))) from error
        cluster = self.guide.lab.lab.cluster
        for step in self.chapter.steps:
            if self.guide.lab.selection.refuses(step):
                continue
            for host in cluster.select(step.on or ("all",)):
                name = f"{step.id.removeprefix(f'{self.chapter.document}/')}[{host.name}]"
                item = StepItem.from_parent(
                    self, name=name, step=step, host=host.name, guide=self.guide,
                    # pytest itself would not take the host for a parameter, as it does later
                    # when it reads the id of a test that failed.
                    nodeid=f"{self.nodeid}::{name}",
                )  # fmt: skip
                item.mark(cluster)
                yield item

    def __repr__(self) -> str:
        return f"<Chapter {self.name}>"

    def setup(self) -> None:
        """Start a run of the chapter, in a worker: it does not know which others it will get."""
        if self.guide.lab.wanted.worker:
            self.guide.start(self)


class StepItem(pytest.Item):
    """A step of a guide on a host."""

    def __init__(self, *, step: Step, host: str, guide: Guide, **given: Any) -> None:
        super().__init__(**given)
        self.step = step
        self.host = host
        self.guide = guide

    def __repr__(self) -> str:
        return f"<Step {self.name}>"

    def mark(self, cluster: Cluster) -> None:
        """Give the item a mark for each of its tags and platforms, and for its host."""
        (host,) = cluster.select((self.host,))
        platforms = self.step.platforms or ((host.platform,) if host.platform else ())
        for kind, names in (
            ("tag", self.step.tags), ("platform", platforms), ("host", (self.host,))
        ):  # fmt: skip
            for name in names:
                word = re.sub(r"[^\w.+-]", "_", name)
                if word in _ACTING_MARKS or word.startswith("_"):
                    # It would do something, or is no name of a mark at all.
                    word = f"{kind}_{word}"
                self.guide.register_mark(word, kind)
                self.add_marker(word)

    def setup(self) -> None:
        """Take the run to this step: all that it depends on is done, or given up."""
        if not self.config.option.setuponly:
            with as_error():
                self._run.reach(self.step.id)

    def runtest(self) -> None:
        """Take the run through this step, and say what came of it on this host."""
        with as_error():
            outcome = self._run.outcome(self.step, self.host)
        self.user_properties.append(("verdict", outcome.verdict.value))
        if outcome.platform:
            self.user_properties.append(("platform", outcome.platform))
        if outcome.resumed:
            self.user_properties.append(("resumed", "true"))
        judge(self.step, outcome, self.guide.lab.place, self._run.causes(outcome))
        self._run.tell_findings(self.step)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the step stands in the guide, its line counted from zero, and its title."""
        where = self.step.location
        return self.guide.path / where.document, where.line - 1, f"{self.step.title} [{self.host}]"

    @property
    def _run(self) -> GuideRun:
        assert self.guide.run is not None, "the guide's setup starts it"  # noqa: S101
        return self.guide.run


def in_order(items: list[pytest.Item]) -> None:
    """Sort the steps of each guide into its order, at the places that they have among others."""
    for guide in {item.guide for item in items if isinstance(item, StepItem)}:
        places = [
            number
            for number, item in enumerate(items)
            if isinstance(item, StepItem) and item.guide is guide
        ]
        numbers = {step.id: number for number, step in enumerate(guide.lab.runbook.steps())}
        mine = sorted((items[place] for place in places), key=lambda item: _rank(item, numbers))
        for place, item in zip(places, mine, strict=True):
            items[place] = item


def _rank(item: pytest.Item, numbers: dict[str, int]) -> int:
    assert isinstance(item, StepItem)  # noqa: S101  # for the type checker
    return numbers[item.step.id]


def _document(guide: Path, chapter: Chapter) -> Path:
    """Return the file of a chapter, some of whose steps may stand in files that it includes."""
    named: Iterable[str] = dict.fromkeys(step.location.document for step in chapter.steps)
    for document in named:
        if str(Path(document).with_suffix("")) == chapter.document:
            return guide / document
    found = sorted((guide / chapter.document).parent.glob(f"{Path(chapter.document).name}.*"))
    return found[0] if found else guide / chapter.document
