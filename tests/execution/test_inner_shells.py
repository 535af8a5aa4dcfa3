"""A shell within the shell is one of its own: what it changes is gone when it is left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook.console.places import placed
from runbook.execution.hosts.host import HostConnection
from runbook.model import Background, Step
from runbook.results import Outcome, Verdict
from tests.support.steps import CLUSTER, events, local_hosts, runbook, step

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root types as other users")


@pytest.fixture
def hosts() -> Iterator[dict[str, HostConnection]]:
    """One host, which is this machine."""
    with local_hosts("a") as found:
        yield found


@pytest.fixture
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that everybody may enter and change."""
    directory = tmp_path_factory.mktemp("work")
    for one in (directory, *directory.parents[:-2]):
        one.chmod(0o777)
    return directory


def typed(*commands: str, name: str = "typed") -> Step:
    """A step in which a person types the commands, with the shells that some of them open."""
    found, problems = placed(step(name, *commands), CLUSTER)
    assert not [one for one in problems if one.error]
    return found


def outcomes(hosts: dict[str, HostConnection], *steps: Step) -> list[Outcome]:
    """What became of the steps."""
    return [one for one in events(runbook(*steps), hosts) if isinstance(one, Outcome)]


def printed(hosts: dict[str, HostConnection], *commands: str) -> str:
    """What the last command printed."""
    (found,) = outcomes(hosts, typed(*commands))
    assert not [one.complaint for one in found.actions if one.complaint], found
    assert found.actions, found
    return found.actions[-1].output


CHANGES = "cd new; umask 077; export A=inner; b=inner; f() { echo inner; }; alias g=f"
ASKED = "basename $PWD; umask; echo ${A-unset} ${b-unset}; type -t f g || :"


@pytest.mark.parametrize("opener", ["bash", "sudo -s", "sudo -i", "su -", "su", "bash -l"])
def test_what_a_shell_changes_is_gone_when_it_is_left(
    hosts: dict[str, HostConnection], work: Path, opener: str
) -> None:
    """The shell around it is as it was, and the next of its kind begins anew."""
    (work / "new").mkdir()
    begun = f"cd {work}; umask 022; export A=outer"
    anew = printed(hosts, begun, opener, ASKED, "exit")
    changed = (begun, opener, f"cd {work}; {CHANGES}", "exit")
    assert printed(hosts, *changed, ASKED) == f"{work.name}\n0022\nouter unset\n"
    assert printed(hosts, *changed, opener, ASKED, "exit") == anew


def test_the_readers_files_are_the_ones_that_are_removed(
    hosts: dict[str, HostConnection], work: Path
) -> None:
    """`rm` is typed in the directory of the shell around."""
    (work / "new").mkdir()
    outcomes(
        hosts,
        typed(f"cd {work}", "touch old.o new/wanted.o", "sudo -s", "cd new", "exit", "rm -f *.o"),
    )
    assert [one.name for one in work.rglob("*.o")] == ["wanted.o"]


@pytest.mark.parametrize(
    ("opener", "expected"),
    [
        ("bash", "{work} red unset f"),
        ("bash -l", "{work} red unset"),
        ("sudo -s", "{work} unset unset"),
        ("sudo bash", "{work} unset unset"),
        ("sudo -E -s", "{work} red unset"),
        ("su", "{work} red unset f"),
        ("sudo -i", "{home} unset unset"),
        ("su -", "{home} unset unset"),
        ("su -s /bin/bash nobody", "{work} red unset f"),
        ("sudo -u nobody bash", "{work} unset unset"),
        ("runuser -u nobody -- bash", "{work} red unset f"),
    ],
)
def test_a_shell_begins_as_it_does_for_a_reader(
    hosts: dict[str, HostConnection], work: Path, opener: str, expected: str
) -> None:
    """Only what is exported is passed on, and by some not even that."""
    said = printed(
        hosts,
        f"cd {work}; export COLOR=red; size=5; f() {{ :; }}; g() {{ :; }}; export -f f",
        opener,
        "echo $PWD ${COLOR-unset} ${size-unset} $(compgen -A function | grep -x '[fg]')",
        "exit",
    )
    assert said.strip() == expected.format(work=work, home=os.environ["HOME"])


def test_a_second_login_knows_nothing_of_the_first(hosts: dict[str, HostConnection]) -> None:
    """In the same step, or in the next one."""
    login = "su -s /bin/bash - nobody"
    first = (login, "export DATA=/tmp", "exit")
    assert printed(hosts, *first, login, "echo [$DATA]", "exit") == "[]\n"
    assert printed(hosts, login, "echo [$DATA]", "exit") == "[]\n"


def test_su_says_who_the_user_is_but_leaves_the_rest(
    hosts: dict[str, HostConnection], work: Path
) -> None:
    """HOME, USER and LOGNAME are those of the new user."""
    outer = f"cd {work}; export HOME=/root USER=root LOGNAME=root MINE=1"
    said = printed(hosts, outer, "su nobody", "echo $USER $LOGNAME $MINE $HOME", "exit")
    assert said == "nobody nobody 1 /nonexistent\n"


def test_shells_within_a_shell_are_left_one_by_one(
    hosts: dict[str, HostConnection], work: Path
) -> None:
    """Each has the directory that was last its own."""
    (work / "one/two/three").mkdir(parents=True)
    said = printed(
        hosts,
        f"cd {work}/one",
        "bash",
        f"cd two; export A=1; pwd >> {work}/said",
        "bash",
        f"cd three; pwd >> {work}/said",
        "exit",
        f"pwd >> {work}/said",
        "exit",
        f"pwd >> {work}/said; cat {work}/said",
    )
    assert said.replace(str(work), "") == "/one/two\n/one/two/three\n/one/two\n/one\n"


def test_a_directory_that_the_user_may_not_enter_is_none_to_work_in(
    hosts: dict[str, HostConnection], work: Path
) -> None:
    """What is typed with a full path works all the same; what is not, does not."""
    (work / "private").mkdir(mode=0o700)
    inner = ("su nobody", f"touch {work}/here", "touch not-here || echo refused", "exit")
    assert "refused" in printed(hosts, f"cd {work}/private", *inner)
    assert (work / "here").exists()


def test_a_job_goes_on_when_its_shell_is_left(hosts: dict[str, HostConnection]) -> None:
    """As it does for a reader."""
    said = printed(
        hosts,
        "sudo -s",
        "sleep 60 & echo $! > /tmp/runbook-job",
        "exit",
        "sleep 1; pid=$(cat /tmp/runbook-job); rm /tmp/runbook-job; kill $pid && echo ended",
    )
    assert said == "ended\n"


def test_the_shell_in_which_a_step_failed_is_kept_for_a_person(
    hosts: dict[str, HostConnection], work: Path
) -> None:
    """Until the next step."""
    failing = typed("sudo -s", f"cd {work}", "false", "true", "exit")
    (found,) = outcomes(hosts, failing)
    assert found.verdict is Verdict.FAILED
    session = hosts["a"].last_session()
    assert session is not None
    assert session.run("pwd", timeout=10).output == f"{work}\n"
    printed(hosts, "cd /")
    assert not session.alive


def test_a_command_that_keeps_running_has_the_state_of_its_inner_shell(
    hosts: dict[str, HostConnection], work: Path
) -> None:
    """Its own terminal is opened in the same place."""
    serving = f"cd {work}", "sudo -s", "export A=1", "echo up in $PWD $A; exec sleep 60"
    background = step("serve", *serving, background=Background("up in"))
    (found,) = outcomes(hosts, placed(background, CLUSTER)[0])
    assert found.actions[-1].complaint == ""
    assert f"up in {work} 1" in found.actions[-1].output
