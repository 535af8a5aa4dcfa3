"""A catalogue of Debian's interactive programs, each driven by the transcript that one would paste.

`tests/samples/catalogue/` has a page for each family of programs. Every step is planned and run as
that of any guide, and must be proven: at once, or after its author has added the lines that the
message proposed.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from runbook.execution.hosts.host import HostConnection
from runbook.execution.runner import walk
from runbook.execution.schedule import schedule
from runbook.execution.selection import Selection
from runbook.labs.container.lab import ContainerLab
from runbook.model import Cluster, cluster
from runbook.results import Outcome, Verdict
from runbook.sphinx.planning import plan
from tests.support.catalogue import PAGES, Entry, entries
from tests.support.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

SOON = 60.0
"""Seconds, a fifth of what a step may take: whoever waited for its end would be too late."""
SECRETS = {"P": "correct-Horse-7", "OTHER": "another-Horse-8", "SHORT": "x1"}


@frozen
class Box:
    """The host on which the programs are installed, and the directory of a guide."""

    live: HostConnection
    cluster: Cluster
    guide: Path

    def follow(self, entry: Entry) -> Outcome:
        """Plan and run the step of an entry, after its setup."""
        done = self.live.session("root").run(f"cd /root\n{entry.setup}", timeout=60)
        assert done.status == 0, done.output
        heading = "Programs\n========\n\n"
        (self.guide / "index.rst").write_text(heading + entry.text, encoding="utf-8")
        made = plan.build(self.guide, output=self.guide / "build")
        hosts = {"box": self.live}
        planned = schedule(made, self.cluster, {"box": self.live.probed()}, Selection())
        happened = walk(made, self.cluster, hosts, planned)
        (outcome,) = (event for event in happened if isinstance(event, Outcome))
        return outcome


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """The one host of the catalogue."""
    guide = tmp_path_factory.mktemp("catalogue")
    (guide / "lab").mkdir()
    path = Path(shutil.copy(PAGES / "cluster.yaml", guide / "lab"))
    (guide / "conf.py").write_text('extensions = ["runbook.sphinx"]\n')
    described = cluster.load(path)
    lab = ContainerLab(described, guide)
    try:
        lab.up(print)
        live = HostConnection(lab.connections()["box"], {})
        for made in ("make-package", "make-questions"):
            files = live.session("root").files
            files.put(f"/root/{made}", (PAGES / made).read_bytes(), mode="755", owner=None)
        yield Box(live, described, guide)
        live.close()
    finally:
        lab.down(print)


@pytest.mark.parametrize("entry", [pytest.param(one, id=one.name) for one in entries()])
def test_a_pasted_transcript_drives_the_program_to_its_end(
    box: Box, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a message comes long before the end of the step, whose lines, added, let it be driven."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(f"RUNBOOK_SECRET_{name}", value)
    outcome = box.follow(entry)
    while outcome.verdict is not Verdict.PROVEN and entry.replies:
        assert outcome.seconds < SOON, outcome.reason
        entry = entry.amended(outcome.reason)
        outcome = box.follow(entry)
    assert outcome.verdict is Verdict.PROVEN, outcome.reason or outcome.before
    assert not entry.replies, "fewer messages came than the author foresaw"


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("mc", "mc takes the whole screen"),
        ("vim.tiny /etc/hosts", "write the file with the directive 'file'"),
        ("nano /etc/hosts", "write the file with the directive 'file'"),
        ("top", "`top -b -n 1`"),
        ("less /etc/hosts", "print the file with cat"),
        ("EDITOR=nano crontab -e", "the program has taken the whole screen"),
        ("EDITOR=vim.tiny visudo", "the program has taken the whole screen"),
    ],
)
def test_a_program_that_takes_the_whole_screen_is_refused_with_a_reason(
    box: Box, command: str, reason: str
) -> None:
    """Long before the end of the step, and with what a guide can say in its place."""
    text = f".. step:: Try\n   :on: box\n\n   .. code-block:: console\n\n      # {command}\n"
    outcome = box.follow(Entry("refused", "Try", text))
    assert outcome.verdict is Verdict.FAILED
    assert reason in outcome.reason
    assert outcome.seconds < SOON
