from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from runbook.lint import Finding, FindingKind
from runbook.lint.findings import findings
from runbook.lint.known_commands import KNOWN_COMMANDS
from runbook.lint.typos import nearly, one_apart
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
from runbook.model.cluster import load
from tests.support.forked import run_module
from tests.support.guides import Guide
from tests.support.steps import step as marked
from tests.support.unmarked import asked, at, commands, plan, typed, unmarked

MISTAKES = {
    "yum update –y": (FindingKind.DASH, "-y"),
    "hosted-engine —vm-start": (FindingKind.DASH, "--vm-start"),
    "store-ctl –vm-start": (FindingKind.DASH, "--vm-start"),
    "echo “a”": (FindingKind.QUOTE, '"'),
    "echo ‘a’": (FindingKind.QUOTE, "'"),
    "ls\u00a0-l": (FindingKind.SPACE, "ordinary"),
    "ls -l\u200b": (FindingKind.SPACE, ""),
    "ls ｜ sort": (FindingKind.WIDTH, "'|'"),
    "viewer spice://h?port=1&tls=2": (FindingKind.URL, "'spice://h?port=1&tls=2'"),
    "curl http://h/a?b=1": (FindingKind.URL, "'http://h/a?b=1'"),
    "store-ctl destroy <the id>": (FindingKind.PLACEHOLDER, ""),
    "store-ctl destroy ...": (FindingKind.PLACEHOLDER, ""),
    "root@gs1:~# ls": (FindingKind.PROMPT, ""),
    "$ ls": (FindingKind.PROMPT, ""),
    "echo 'a": (FindingKind.OPEN, ""),
    "cat > a <<EOF\na\n EOF": (FindingKind.OPEN, ""),
    "cat > a.repo <<EOF\nx/$releasever/\nEOF": (FindingKind.EXPANDED, "'EOF'"),
    "cat > a.sh <<'EOF'\nls\nEOF\nchmod +x a.sh": (FindingKind.SHEBANG, "#!"),
    "setenfoce 0": (FindingKind.TYPO, "setenforce"),
    "sudo kpartprobe /dev/vda": (FindingKind.TYPO, "partprobe"),
    "virt-filesystem -a a.img": (FindingKind.TYPO, "virt-filesystems"),
    "yum install squid": (FindingKind.ASKS, "-y"),
    "apt-get install nginx": (FindingKind.ASKS, "-y"),
    "rm -i a": (FindingKind.ASKS, ""),
    "vi /etc/hosts": (FindingKind.ASKS, ""),
    "curl http://h/vms | less": (FindingKind.ASKS, ""),
    "curl -u admin:hunter2 https://h/": (FindingKind.PASSWORD, ""),
    "mysql -u root -phunter2": (FindingKind.PASSWORD, ""),
    "virt-sysprep --root-password password:hunter2 -a a": (FindingKind.PASSWORD, ""),
    "echo hunter2 | passwd --stdin bob": (FindingKind.PASSWORD, ""),
    "git clone https://bob:hunter2@h/a": (FindingKind.PASSWORD, ""),
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
    """Return the findings in one command of an unmarked guide."""
    return list(findings(commands(text)))


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_found(text: str) -> None:
    """With what to write instead, where that is known."""
    kind, suggestion = MISTAKES[text]
    found = [one for one in only(text) if one.kind is kind]
    assert found, only(text)
    assert suggestion in found[0].suggestion


@pytest.mark.parametrize("text", RIGHT.strip().splitlines())
def test_correct_commands_have_no_findings(text: str) -> None:
    """A linter with false positives gets turned off."""
    assert only(text.replace("\\n", "\n")) == []


def test_a_finding_has_the_line_of_the_mistake() -> None:
    """Not the first line of the command."""
    (found,) = findings(plan(unmarked("one", typed("a \\\n  --b \\\n  –c", 41))))
    assert found.location == at(43)
    assert str(found).startswith("old.rst:43: ")


def test_commands_in_prose_are_checked_as_well() -> None:
    """Readers copy them from there."""
    prose = Reading("old/a", at(5), Kind.PROSE, 0.9, commands=("”hosted-engine –vm-start”",))
    found = findings(plan(blocks=(prose,)))
    assert {one.kind for one in found} == {FindingKind.QUOTE, FindingKind.DASH}
    assert {one.location.line for one in found} == {5}


def test_a_marked_step_may_ask_questions_and_use_captured_values() -> None:
    """Its dialogue answers, and its `<name>` is filled in."""
    first = marked("first", "a", capture=Capture("vm_id"))
    assert findings(plan(first, marked("second", "b <vm-id>", "vi a"))) == ()


def test_a_program_whose_answers_are_shown_needs_no_input() -> None:
    """The guide contains the answers."""
    assert (
        findings(plan(unmarked("one", asked("yum install a", Turn("Is this ok [y/N]:", "y")))))
        == ()
    )


def test_a_misspelt_path_of_a_written_file_is_found() -> None:
    """One extra letter is a typo; another number is intended."""
    written = FileContent("/etc/store/plugin/start.conf", "a\n", at(3))

    def found(path: str) -> list[FindingKind]:
        guide = plan(unmarked("a", written), unmarked("b", typed(f"cat {path}", 9)))
        return [one.kind for one in findings(guide)]

    assert found("/etc/store/plugin/start.conf") == []
    assert found("/etc/store/plugin/starts.conf") == [FindingKind.PATH]
    assert found("/etc/store/plugins/start.conf") == [FindingKind.PATH]
    assert found("/etc/store/other/start.conf") == []
    assert found("/srv/store/plugin/start.conf") == []
    made = plan(unmarked("a", "mkdir /bricks/brick1", "ls /bricks/brick2"))
    assert findings(made) == ()


def test_an_id_copied_from_output_is_found() -> None:
    """Every reader gets another one; an id that the guide chose is fine."""
    uuid = "124e8020-c9d7-4e86-81e1-0d4e28ff1cd4"
    printed = typed("store-ctl list", 5, output=f"id: {uuid}\nticket: MfY9P5kpmNpw")
    found = findings(
        plan(unmarked("a", printed), unmarked("b", typed(f"store-ctl show {uuid}", 9)))
    )
    assert [(one.kind, one.location.line) for one in found] == [(FindingKind.COPIED, 9)]
    assert "capture" in found[0].suggestion
    chosen = plan(
        unmarked("a", typed(f"store-ctl add {uuid}", 5, output=uuid)),
        unmarked("b", f"store-ctl show {uuid}"),
    )
    assert findings(chosen) == ()


def test_a_name_that_resembles_a_host_of_the_cluster_is_found() -> None:
    """Other names, and guides without a cluster, have no such findings."""
    hosts = tuple(Host(name, "10.9.8.1") for name in ("gs1", "gs2", "controller"))
    cluster = Cluster("sample", "10.9.8.0/24", hosts)
    guide = plan(unmarked("a", "ping gs7.example.com", "ssh gs2", "ping contoller", "dd if=sda1"))
    found = findings(guide, cluster)
    assert [(one.kind, one.location.line) for one in found] == [
        (FindingKind.HOST, 10),
        (FindingKind.HOST, 12),
    ]
    assert findings(guide) == ()
    read = plan(blocks=(Reading("old/a", at(5), Kind.COMMANDS, 0.9, hosts=("gs9",)),))
    assert [one.kind for one in findings(read, cluster)] == [FindingKind.HOST]


def test_a_group_that_no_step_names_but_nearly_is_found(tmp_path: Path) -> None:
    """A host would be left out in silence; the finding is at the line of the cluster file."""
    path = tmp_path / "cluster.yaml"
    path.write_text(
        "name: small\nnetwork: 10.9.8.0/24\nhosts:\n"
        "  gs1: {address: 10.9.8.1, groups: [bricks]}\n"
        "  gs2: {address: 10.9.8.2, groups: [brick, pool]}\n"
    )
    step = evolve(unmarked("a", "id"), on=("bricks",))
    (found,) = findings(plan(step), load(path))
    assert found.kind is FindingKind.HOST
    assert str(found.location) == "lab/cluster.yaml:5"
    assert found.text == "gs2: no step is for the group 'brick'; write bricks"
    assert findings(plan(step, evolve(unmarked("b", "id"), on=("brick",))), load(path)) == ()


def test_a_known_command_is_not_a_typo() -> None:
    """However similar to another one."""
    assert [known for known in KNOWN_COMMANDS if nearly(known)] == []


@given(st.sampled_from(sorted(n for n in KNOWN_COMMANDS if n.isalpha() and len(n) > 7)), st.data())
def test_the_distance_of_one_letter_is_symmetric(known: str, data: st.DataObject) -> None:
    """Omitted, inserted or changed."""
    place = data.draw(st.integers(0, len(known) - 1))
    for other in (known[:place] + known[place + 1 :], known[:place] + "é" + known[place:]):
        assert one_apart(known, other)
        assert one_apart(other, known)
    assert not one_apart(known, known)


@given(st.lists(st.text(alphabet="ab –“<>&?:/=.$'\"\\\n#EOF", max_size=40), max_size=4))
def test_any_guide_can_be_linted(texts: list[str]) -> None:
    """Findings are sorted, unique, and on lines of the guide."""
    found = findings(plan(unmarked("one", *(typed(text, 10) for text in texts))))
    assert list(found) == sorted(set(found))
    last = 10 + max((text.count("\n") for text in texts), default=0)
    assert all(10 <= one.location.line <= last for one in found)


def test_a_file_that_two_chapters_include_is_reported_once() -> None:
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
    assert "index.rst:10: setenfoce: unknown command; write setenforce [typo]" in done.stdout
    (data,) = json.loads(guide.call("lint", "--json").stdout)
    assert (data["line"], data["kind"], data["suggestion"]) == (10, "typo", "setenforce")
    assert guide.call("lint", "--only", "dash").returncode == 0
    assert guide.call("lint", "--only", "nonsense").returncode == 2


def test_a_build_warns_of_findings_and_warnings_can_be_suppressed(tmp_path: Path) -> None:
    """Each kind has a name of its own."""
    guide = Guide(tmp_path, GUIDE)
    argv = ("sphinx", "-q", "-b", "html", "-E", guide.directory, tmp_path / "html")
    done = run_module(*argv)
    assert done.returncode == 0
    assert "index.rst:10: WARNING: setenfoce: unknown command" in done.stderr
    done = run_module(*argv, "-D", "suppress_warnings=runbook.typo")
    assert done.returncode == 0
    assert "setenfoce" not in done.stderr
