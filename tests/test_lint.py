from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbook.lint import Finding, Flaw, findings
from runbook.lint.known import KNOWN
from runbook.lint.names import nearly, one_apart
from runbook.model import (
    Capture,
    Chapter,
    Cluster,
    FileContent,
    Host,
    Kind,
    Location,
    Reading,
    Runbook,
    Turn,
)
from tests.guides import Guide
from tests.proposals import asked, at, commands, plan, typed, unmarked
from tests.steps import step as marked

FLAWED = {
    "yum update –y": (Flaw.DASH, "-y"),
    "hosted-engine —vm-start": (Flaw.DASH, "--vm-start"),
    "store-ctl –vm-start": (Flaw.DASH, "--vm-start"),
    "echo “a”": (Flaw.QUOTE, '"'),
    "echo ‘a’": (Flaw.QUOTE, "'"),
    "ls\u00a0-l": (Flaw.SPACE, "ordinary"),
    "ls -l\u200b": (Flaw.SPACE, ""),
    "ls ｜ sort": (Flaw.WIDTH, "'|'"),
    "viewer spice://h?port=1&tls=2": (Flaw.URL, "'spice://h?port=1&tls=2'"),
    "curl http://h/a?b=1": (Flaw.URL, "'http://h/a?b=1'"),
    "store-ctl destroy <the id>": (Flaw.PLACEHOLDER, ""),
    "store-ctl destroy ...": (Flaw.PLACEHOLDER, ""),
    "root@gs1:~# ls": (Flaw.PROMPT, ""),
    "$ ls": (Flaw.PROMPT, ""),
    "echo 'a": (Flaw.OPEN, ""),
    "cat > a <<EOF\na\n EOF": (Flaw.OPEN, ""),
    "cat > a.repo <<EOF\nx/$releasever/\nEOF": (Flaw.EXPANDED, "'EOF'"),
    "cat > a.sh <<'EOF'\nls\nEOF\nchmod +x a.sh": (Flaw.SHEBANG, "#!"),
    "setenfoce 0": (Flaw.TYPO, "setenforce"),
    "sudo kpartprobe /dev/vda": (Flaw.TYPO, "partprobe"),
    "virt-filesystem -a a.img": (Flaw.TYPO, "virt-filesystems"),
    "yum install squid": (Flaw.ASKS, "-y"),
    "apt-get install nginx": (Flaw.ASKS, "-y"),
    "rm -i a": (Flaw.ASKS, ""),
    "vi /etc/hosts": (Flaw.ASKS, ""),
    "curl http://h/vms | less": (Flaw.ASKS, ""),
    "curl -u admin:hunter2 https://h/": (Flaw.PASSWORD, ""),
    "mysql -u root -phunter2": (Flaw.PASSWORD, ""),
    "virt-sysprep --root-password password:hunter2 -a a": (Flaw.PASSWORD, ""),
    "echo hunter2 | passwd --stdin bob": (Flaw.PASSWORD, ""),
    "git clone https://bob:hunter2@h/a": (Flaw.PASSWORD, ""),
}

RIGHT = r"""
echo "it’s a – b"
grep '“' notes
curl 'http://h/a?b=1&c=2'
curl "http://h/a?b=1&c=2"
curl http://h/a && echo done
sleep 5 & curl http://h/a
sort <in >out
go test ./...
echo "..."
cat > a <<'EOF'\n$releasever – “x”\nEOF
yum install -y squid
yum -y install squid
apt-get update
dnf -qy upgrade
DEBIAN_FRONTEND=noninteractive apt-get install -yq nginx
yes | apt-get install nginx
mysql -u root -p
mysql -u root -p"$PASSWORD"
mysql -u root -pROOT_PASS
curl -u admin:ADMIN_PASS https://h/
openstack user create --password-prompt bob
virt-customize --root-password file:/root/first.password -a a
openstack user create --password GLANCE_PASS bob
kinit admin
systemctl restart nginx
my-own-program --go
ps aux | grep ssh
awk '{print $1}' a
for i in 1 2; do echo $i; done
passwd -l bob
python3 -m venv a
"""


def only(text: str) -> list[Finding]:
    """What is found in one command of an unmarked guide."""
    return list(findings(commands(text)))


@pytest.mark.parametrize("text", FLAWED)
def test_what_a_machine_trips_on_is_found(text: str) -> None:
    """With what to write instead, where that is known."""
    flaw, suggestion = FLAWED[text]
    found = [one for one in only(text) if one.flaw is flaw]
    assert found, only(text)
    assert suggestion in found[0].suggestion


@pytest.mark.parametrize("text", RIGHT.strip().splitlines())
def test_what_is_right_is_left_alone(text: str) -> None:
    """A linter that cries wolf is turned off."""
    assert only(text.replace("\\n", "\n")) == []


def test_a_finding_is_on_the_line_that_it_is_about() -> None:
    """Not on that of the command's beginning."""
    (found,) = findings(plan(unmarked("one", typed("a \\\n  --b \\\n  –c", 41))))
    assert found.location == at(43)
    assert str(found).startswith("old.rst:43: ")


def test_commands_in_prose_are_read_as_well() -> None:
    """Where a reader copies them from."""
    prose = Reading("old/a", at(5), Kind.PROSE, 0.9, commands=("”hosted-engine –vm-start”",))
    found = findings(plan(blocks=(prose,)))
    assert {one.flaw for one in found} == {Flaw.QUOTE, Flaw.DASH}
    assert {one.location.line for one in found} == {5}


def test_a_marked_step_may_ask_and_name_what_is_captured() -> None:
    """Its dialogue answers, and its `<name>` is filled in."""
    first = marked("first", "a", capture=Capture("vm_id"))
    assert findings(plan(first, marked("second", "b <vm-id>", "vi a"))) == ()


def test_a_program_whose_answers_are_shown_asks_nobody() -> None:
    """The guide has the answers."""
    assert (
        findings(plan(unmarked("one", asked("yum install a", Turn("Is this ok [y/N]:", "y")))))
        == ()
    )


def test_a_file_is_used_under_the_name_that_it_was_written_under() -> None:
    """One letter more is another file; another number is meant."""
    written = FileContent("/etc/store/plugin/start.conf", "a\n", at(3))

    def found(path: str) -> list[Flaw]:
        guide = plan(unmarked("a", written), unmarked("b", typed(f"cat {path}", 9)))
        return [one.flaw for one in findings(guide)]

    assert found("/etc/store/plugin/start.conf") == []
    assert found("/etc/store/plugin/starts.conf") == [Flaw.PATH]
    assert found("/etc/store/plugins/start.conf") == [Flaw.PATH]
    assert found("/etc/store/other/start.conf") == []
    assert found("/srv/store/plugin/start.conf") == []
    made = plan(unmarked("a", "mkdir /bricks/brick1", "ls /bricks/brick2"))
    assert findings(made) == ()


def test_an_id_that_was_printed_is_not_typed() -> None:
    """Each reader gets another one; one that the guide chose itself is fine."""
    uuid = "124e8020-c9d7-4e86-81e1-0d4e28ff1cd4"
    printed = typed("store-ctl list", 5, output=f"id: {uuid}\nticket: MfY9P5kpmNpw")
    found = findings(
        plan(unmarked("a", printed), unmarked("b", typed(f"store-ctl show {uuid}", 9)))
    )
    assert [(one.flaw, one.location.line) for one in found] == [(Flaw.COPIED, 9)]
    assert "capture" in found[0].suggestion
    chosen = plan(
        unmarked("a", typed(f"store-ctl add {uuid}", 5, output=uuid)),
        unmarked("b", f"store-ctl show {uuid}"),
    )
    assert findings(chosen) == ()


def test_a_host_that_looks_like_one_of_the_clusters_is_not_among_them() -> None:
    """Names that look like none are left alone, and so is a guide without a cluster."""
    hosts = tuple(Host(name, "10.9.8.1") for name in ("gs1", "gs2", "controller"))
    cluster = Cluster("sample", "10.9.8.0/24", hosts)
    guide = plan(unmarked("a", "ping gs7.example.com", "ssh gs2", "ping contoller", "dd if=sda1"))
    found = findings(guide, cluster)
    assert [(one.flaw, one.location.line) for one in found] == [(Flaw.HOST, 10), (Flaw.HOST, 12)]
    assert findings(guide) == ()
    read = plan(blocks=(Reading("old/a", at(5), Kind.COMMANDS, 0.9, hosts=("gs9",)),))
    assert [one.flaw for one in findings(read, cluster)] == [Flaw.HOST]


def test_a_known_command_is_no_typo() -> None:
    """However near another one is."""
    assert [known for known in KNOWN if nearly(known)] == []


@given(st.sampled_from(sorted(n for n in KNOWN if n.isalpha() and len(n) > 7)), st.data())
def test_one_letter_away_is_seen_from_both_sides(known: str, data: st.DataObject) -> None:
    """Left out, doubled, changed."""
    place = data.draw(st.integers(0, len(known) - 1))
    for other in (known[:place] + known[place + 1 :], known[:place] + "é" + known[place:]):
        assert one_apart(known, other)
        assert one_apart(other, known)
    assert not one_apart(known, known)


@given(st.lists(st.text(alphabet="ab –“<>&?:/=.$'\"\\\n#EOF", max_size=40), max_size=4))
def test_any_guide_can_be_searched(texts: list[str]) -> None:
    """Findings are sorted, there once, and on lines of the guide."""
    found = findings(plan(unmarked("one", *(typed(text, 10) for text in texts))))
    assert list(found) == sorted(set(found))
    last = 10 + max((text.count("\n") for text in texts), default=0)
    assert all(10 <= one.location.line <= last for one in found)


def test_a_file_that_two_chapters_include_is_complained_of_once() -> None:
    """The author corrects it once."""
    step = unmarked("one", "setenfoce 0")
    guide = Runbook("Two", (Chapter("a", "A", (step,)), Chapter("b", "B", (step,))))
    assert len(findings(guide)) == 1
    assert findings(guide)[0].location == Location("old.rst", 10)


GUIDE = """
Old
---

::

   # setenfoce 0
   # ls

Later.
"""


def test_lint_shows_findings_and_fails_on_them(tmp_path: Path) -> None:
    """As lines, as data, of one kind, and of none."""
    guide = Guide(tmp_path, GUIDE)
    done = guide.call("lint")
    assert done.returncode == 1, done.stderr
    assert (
        "index.rst:10: setenfoce: no such command is known; write setenforce [typo]" in done.stdout
    )
    (data,) = json.loads(guide.call("lint", "--json").stdout)
    assert (data["line"], data["kind"], data["suggestion"]) == (10, "typo", "setenforce")
    assert guide.call("lint", "--only", "dash").returncode == 0
    assert guide.call("lint", "--only", "nonsense").returncode == 2


def test_a_build_warns_of_the_same_and_can_be_told_not_to(tmp_path: Path) -> None:
    """Each kind has a name of its own."""
    guide = Guide(tmp_path, GUIDE)
    argv = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-E"]
    argv += [str(guide.directory), str(tmp_path / "html")]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    assert "index.rst:10: WARNING: setenfoce: no such command is known" in told
    argv += ["-D", "suppress_warnings=runbook.typo"]
    assert (
        "setenfoce" not in subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    )
