"""What pytest loads: hooks and fixtures. The rest is imported once a session has a guide."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from runbook.pytest_plugin import settings
from runbook.pytest_plugin.settings import GIVEN, LABS

if TYPE_CHECKING:
    import testinfra.host

    from runbook.labs import Lab


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the group `runbook`."""
    settings.add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Find out which guides the session is for."""
    config.addinivalue_line(
        "markers", "on(*names): let the fixture host be these hosts or groups of the guide's lab"
    )
    config.stash[GIVEN] = settings.guides_given(config)
    if config.stash[GIVEN]:
        settings.refuse_workers(config)
        # Every session is a process with a terminal, started while other hosts have threads. What
        # is started is a program at once, so that it inherits no lock.
        config.addinivalue_line(
            "filterwarnings", "ignore:This process .* is multi-threaded:DeprecationWarning"
        )
        config.pluginmanager.register(Tally(config), "runbook-tally")
    if config.stash[GIVEN] and config.pluginmanager.hasplugin("xdist"):
        from runbook.pytest_plugin.distribution import Distribution

        config.pluginmanager.register(Distribution(config.stash[GIVEN]), "runbook-distribution")


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the directory of a guide."""
    if path.resolve() not in parent.config.stash[GIVEN]:
        return None
    from runbook.pytest_plugin.collection import Guide

    return Guide.from_parent(parent, path=path)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    session: pytest.Session, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Keep the steps of a guide in its order: they are a history, whatever else is sorted."""
    yield
    if session.config.stash[GIVEN]:
        from runbook.pytest_plugin.collection import in_order

        in_order(items)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say in a step's report where it stands in the guide, and what kept it from being tried.

    No report has a secret, also of tests beside the guide.
    """
    report = yield
    if item.config.stash[GIVEN]:
        from runbook.pytest_plugin.collection import StepItem
        from runbook.pytest_plugin.verdicts import complete

        if isinstance(item, StepItem):
            complete(report, item.reportinfo(), call.excinfo)
    if LABS in item.config.stash:
        from runbook.pytest_plugin.verdicts import mask

        for one in item.config.stash[LABS].values():
            mask(report, one.known.redact)
    return report


def pytest_report_teststatus(
    report: pytest.CollectReport | pytest.TestReport,
) -> tuple[str, str, str] | None:
    """Name the verdict of a step that passed."""
    verdict = _verdict(report)
    if verdict is None or report.when != "call" or not report.passed:
        return None
    return "passed", ".", verdict.upper()


@pytest.hookimpl(wrapper=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> Generator[None, None, None]:
    """Give a test with the mark `on` a lab's hosts, where testinfra would give this machine."""
    mark = metafunc.definition.get_closest_marker("on")
    if mark is None or "host" not in metafunc.fixturenames:
        yield
        return
    from runbook.pytest_plugin.lab_hosts import parametrized

    with parametrized(metafunc, mark.args):
        yield


@pytest.fixture(scope="session")
def lab(request: pytest.FixtureRequest) -> Lab:
    """Return the lab of the guide, running."""
    from runbook.pytest_plugin.guide_lab import the_lab
    from runbook.pytest_plugin.verdicts import as_error

    with as_error():
        shared = the_lab(request.config)
        shared.connect()
        return shared.lab


@pytest.fixture(scope="session")
def hosts(request: pytest.FixtureRequest) -> Mapping[str, testinfra.host.Host]:
    """Return the hosts of the guide's lab by name, as its checks see them."""
    from runbook.pytest_plugin.guide_lab import the_lab
    from runbook.pytest_plugin.lab_hosts import LabHosts
    from runbook.pytest_plugin.verdicts import as_error

    with as_error():
        return LabHosts(the_lab(request.config))


class Tally:
    """Counts what the steps of a session come to, also those that workers run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.verdicts: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in the verdict of a step; that of one with an error is in no report of its call."""
        verdict = _verdict(report)
        if verdict is not None and report.when != "teardown":
            self.verdicts[verdict] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let no session pass in which steps ran, and nothing was proven or passed."""
        nothing = self.verdicts and not (self.verdicts["proven"] or self.verdicts["passed"])
        if nothing and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why such a session does not pass."""
        if self.verdicts and not (self.verdicts["proven"] or self.verdicts["passed"]):
            terminalreporter.write_line("runbook: nothing was proven or passed", yellow=True)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say why no step ran to whoever calls pytest within a guide that they did not name."""
    if exitstatus != pytest.ExitCode.NO_TESTS_COLLECTED or config.stash[GIVEN]:
        return
    if guide := settings.nearest(config.invocation_params.dir):
        name = os.path.relpath(guide, config.invocation_params.dir)
        terminalreporter.write_line(
            f"runbook: steps change machines, so a guide runs only if it is named: pytest {name}"
        )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Leave the labs."""
    if LABS in session.config.stash:
        from runbook.commands.ownership import hand_back
        from runbook.pytest_plugin.guide_lab import close_labs

        close_labs(session.config)
        for guide in session.config.stash[GIVEN]:
            hand_back(guide)


def _verdict(report: pytest.CollectReport | pytest.TestReport) -> str | None:
    found = dict(getattr(report, "user_properties", ())).get("verdict")
    return None if found is None else str(found)
