"""Real programs that ask, driven on a real host by nothing but their transcripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runbook import console
from runbook.connect import Connection
from runbook.live import LiveHost
from runbook.model import Dialogue, Location, Turn
from runbook.session import Completed, DialogueStopped
from tests.needs import lacking_for_labs

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(bool(lacking_for_labs()), reason=lacking_for_labs() or "-"),
]

PACKAGES = "bc fdisk glusterfs-server locales openssh-client postgresql python3 sasl2-bin sudo"
SECRET = "A1-correct-horse"
TRANSCRIPTS = Path(__file__).parent / "samples" / "transcripts"


class Operator:
    """Follows transcripts on one host."""

    def __init__(self, live: LiveHost) -> None:
        self.session = live.session("root")

    def run(self, command: str) -> str:
        """Run a command that must succeed, and return its output."""
        done = self.session.run(command, timeout=300)
        assert done.status == 0, done.output
        return done.output

    def follow(self, name: str, *answers: Turn) -> Completed:
        """Hold the dialogue that a transcript shows, and return how it ended."""
        text = (TRANSCRIPTS / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n")
        actions = console.actions(text, Location(name, 1), answers=answers or None)
        (dialogue,) = actions
        assert isinstance(dialogue, Dialogue)
        return self.session.converse(dialogue, secrets=lambda _: SECRET, timeout=60)


@pytest.fixture(scope="module")
def host(container: Connection) -> Iterator[LiveHost]:
    """A host with the programs."""
    live = LiveHost(container, {"DEBIAN_FRONTEND": "noninteractive"})
    install = f"apt-get -q update && apt-get -q -y --no-install-recommends install {PACKAGES}"
    done = live.session("root").run(install, timeout=600)
    if done.status != 0:
        live.close()
        pytest.skip(f"these packages cannot be had here: {PACKAGES}")
    yield live
    live.close()


@pytest.fixture
def operator(host: LiveHost) -> Operator:
    """An operator at that host."""
    return Operator(host)


def test_fdisk_makes_a_partition(operator: Operator) -> None:
    """Defaults are taken, and the same prompt is answered again and again."""
    operator.run("rm -f /root/disk && truncate -s 100M /root/disk")
    done = operator.follow("fdisk")
    assert done.status == 0, done.output
    assert "/root/disk1" in operator.run("fdisk -l /root/disk")


def test_a_value_that_fdisk_refuses_stops_the_step_with_its_words(operator: Operator) -> None:
    """Not at the timeout, and not by typing the next answer into the wrong question."""
    operator.run("rm -f /root/disk && truncate -s 100M /root/disk")
    with pytest.raises(DialogueStopped, match="refused") as caught:
        operator.follow("fdisk-wrong")
    assert "Value out of range" in str(caught.value)
    assert operator.run("echo still there") == "still there\n"


def test_passwd_takes_a_password_twice_and_shows_it_never(operator: Operator) -> None:
    """It hides what is typed, and throws away what was typed too early."""
    operator.run("id -u bob >/dev/null 2>&1 || useradd -m bob")
    done = operator.follow("passwd", Turn("ew password", secret="p"))
    assert done.status == 0, done.output
    assert SECRET not in done.output
    assert operator.run("passwd -S bob").split()[1] == "P"


def test_ssh_keygen_makes_a_key_with_a_passphrase(operator: Operator) -> None:
    """Its question for the file has no brackets but parentheses."""
    operator.run("rm -f /root/.ssh/id_ed25519*")
    done = operator.follow("ssh-keygen", Turn("passphrase", secret="p"))
    assert done.status == 0, done.output
    check = f"ssh-keygen -y -P '{SECRET}' -f /root/.ssh/id_ed25519"
    assert operator.run(check).startswith("ssh-ed25519")


def test_saslpasswd2_takes_a_password_and_its_confirmation(operator: Operator) -> None:
    """The second prompt has another text."""
    answers = (Turn("Password", secret="p"), Turn("Again (for verification)", secret="p"))
    done = operator.follow("saslpasswd2", *answers)
    assert done.status == 0, done.output
    assert "root@" in operator.run("sasldblistusers2 -f /root/passwd.db")


def test_psql_is_asked_one_question_after_the_other(operator: Operator) -> None:
    """A prompt for commands comes as often as the transcript has commands."""
    operator.run("pg_ctlcluster 15 main start || pg_ctlcluster 15 main status")
    done = operator.follow("psql")
    assert done.status == 0, done.output
    assert "(1 row)" in done.output


def test_gluster_asks_before_it_stops_a_volume(operator: Operator) -> None:
    """`y` is the answer to its (y/n)."""
    operator.run("systemctl start glusterd; mkdir -p /root/brick")
    operator.run(
        "address=$(hostname -I | cut -d' ' -f1); "
        "gluster volume create try $address:/root/brick force && gluster volume start try"
    )
    done = operator.follow("gluster")
    assert done.status == 0, done.output
    assert "Status: Stopped" in operator.run("gluster volume info try")


def test_dpkg_reconfigure_asks_in_plain_lines(operator: Operator) -> None:
    """A menu over several lines, and a question that ends without a colon's blank."""
    done = operator.follow(
        "dpkg-reconfigure",
        Turn("[More]", sometimes=True),
        Turn("Locales to be generated", "97"),
        Turn("Default locale for the system environment", "3"),
    )
    assert done.status == 0, done.output


def test_rm_asks_for_each_file(operator: Operator) -> None:
    """One is removed, one stays."""
    operator.run("cd /root && touch one two")
    done = operator.follow("rm")
    assert done.status == 0, done.output
    assert operator.run("ls /root/one /root/two 2>/dev/null; true") == "/root/two\n"


def test_python_is_a_conversation_with_a_second_prompt(operator: Operator) -> None:
    """A loop is typed line by line."""
    done = operator.follow("python3")
    assert done.status == 0, done.output
    assert "0\n1\n" in done.output
