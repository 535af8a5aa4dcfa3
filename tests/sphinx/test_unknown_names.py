"""A name in a step that stands for nothing is an error; what only looks like one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.model import (
    Action,
    Capture,
    Chapter,
    Check,
    Cluster,
    Command,
    Dialogue,
    Edit,
    FileContent,
    Host,
    Location,
    Runbook,
    Step,
    Turn,
)
from runbook.sphinx.planning.plan import PlanError, build
from runbook.sphinx.planning.unknown_names import unknown_names

CLUSTER = Cluster(
    "small",
    "10.9.8.0/24",
    (Host("gs1", "10.9.8.1", ("all", "bricks")), Host("gs2", "10.9.8.2")),
    values={"engine-name": "engine", "volume": "data"},
)
PLACE = Location("index.rst", 10)
FIRST = Step(
    "index/first",
    "First",
    PLACE,
    on=("gs1",),
    actions=(Command("id", PLACE),),
    capture=Capture("vm_id"),
)


def problems(*parts: Action | Check, before: tuple[Step, ...] = (FIRST,)) -> list[str]:
    """What is said of a step of these actions and checks, which follows `before`."""
    actions = tuple(part for part in parts if not isinstance(part, Check))
    checks = tuple(part for part in parts if isinstance(part, Check))
    step = Step("index/second", "Second", PLACE, actions=actions, checks=checks)
    runbook = Runbook("Guide", (Chapter("index", "Guide", (*before, step)),))
    return [str(problem) for problem in unknown_names(runbook, CLUSTER)]


def command(text: str) -> Command:
    """A command on line 20."""
    return Command(text, Location("index.rst", 20))


def file(text: str, path: str = "/etc/x.conf") -> FileContent:
    """A file whose directive is on line 30."""
    return FileContent(path, text, Location("index.rst", 30), edit=Edit.WHOLE)


def check(source: str) -> Check:
    """A check on line 40."""
    return Check("it is so", source, Location("index.rst", 40))


def dialogue(answer: str) -> Dialogue:
    """A program on line 50 that asks one question, on line 52."""
    output = f"Welcome\nName: {answer}"
    return Dialogue("setup", Location("index.rst", 50), (Turn("Name:", answer),), output)


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (command("ping |gs1-adress|"), "index.rst:20: there is no value |gs1-adress| in lab/clus"),
        (command("ping |gs1-adress|"), "around it: '| gs1-adress |'); did you mean |gs1-address|?"),
        (command("a \\\n  && mkdir /srv/|volum|/x"), "index.rst:21: there is no value |volum|"),
        (command("ssh 'a|engine-nam|b'"), "did you mean |engine-name|?"),
        (command("curl http://|storage|:80/"), "index.rst:20: there is no value |storage|"),
        (command("curl 'http://|storage|/'"), " (a pipe has blanks around it: '| storage |')"),
        (command("cat x|filter-it|wc"), "there is no value |filter-it|"),
        (dialogue("|storage|"), "index.rst:52: there is no value |storage|"),
        (file("one\nserver = |storage|\n"), "index.rst:30: there is no value |storage|"),
        (file("one\n", "/etc/|storage|.conf"), "index.rst:30: there is no value |storage|"),
        (check("\nassert 'http://|storage|/' in x"), "index.rst:41: there is no value |storage|"),
        (
            command("virsh start <vmid>"),
            "index.rst:20: no earlier step captures <vmid>, which would be left as it is "
            "(a redirection has a blank before its file: '< file'); did you mean <vm-id>?",
        ),
        (command("curl https://e/vms/<disk>/x"), "no earlier step captures <disk>"),
        (
            command("x --id='<disk>'"),
            "no earlier step captures <disk>, which would be left as it is",
        ),
        (command("x <vmid>y"), "did you mean <vm-id>?"),
        (command("x '<vm_id>'"), "no earlier step captures <vm_id>"),
        (command("cat <<E\nid: <disk>\nE"), "index.rst:21: no earlier step captures <disk>"),
        (command("curl -d '<a/>' e/<disk>"), "no earlier step captures <disk>"),
        (dialogue("<disk>"), "index.rst:52: no earlier step captures <disk>"),
        (file("id = <disk>\n"), "index.rst:30: no earlier step captures <disk>"),
        (file("# only <vm-ids>\n"), "did you mean <vm-id>?"),
        (file("", "/etc/<disk>.conf"), "no earlier step captures <disk>"),
        (check("assert '<disk>' in x"), "index.rst:40: no earlier step captures <disk>"),
        (
            command("x <gs2:vm-id>"),
            "<gs2:vm-id> is not captured: index/first runs on gs1; did you mean <gs1:vm-id>?",
        ),
        (command("x <gs1:disk>"), "no earlier step captures <gs1:disk>"),
    ],
)
def test_a_name_that_stands_for_nothing_is_an_error(part: Action | Check, expected: str) -> None:
    """At its own line, with the known name that it resembles."""
    (found,) = problems(part)
    assert expected in found


@pytest.mark.parametrize(
    "text",
    [
        "x <vm-id> <gs1:vm-id> '<vm-id>'",
        "ls |sort| wc; ls |sort|wc -l",
        "true ||false|| true",
        "case $1 in start|stop|status) ;; esac",
        "grep -E 'error|warn|fail' x",
        "grep -E '^(a|b|c)$|(d)|e|[f]' x",
        "sed -i 's|^root|admin|;s|.*|x|' y",
        'psql -c "select 1" | grep "aaa|0|t|1"',
        "jq -r '.items[]|keys|.[]'",
        "sort <in>out",
        "sort<in>out",
        "ssh gs1 'sort <in>out'",
        "sort <in>/tmp/out",
        "cat <<eof>x\ntext\neof",
        "virsh define /dev/stdin <<E\n<domain type='kvm'>\n<name>x</name><acpi/>\n</domain>\nE",
        "curl -d '<action/>' https://e/",
        "curl -d '<action><async>true</async></action>' https://e/",
        "git -c user.email='a <a@example.com>' commit",
        "podman images | grep '<none>'",
        "nova set --property vendor='<or> one <or> two'",
        'echo "usage: $0 <host> [options]" >&2',
        "cat >x <<'E'\nUsage: tool COMMAND\n  tool start <name>\nE",
        "grep -oP '(?<name>x)|(?P<other>y)' x",
        "grep '\\<name\\>' x",
        "# start <name>",
    ],
)
def test_what_only_looks_like_a_name_is_not_one(text: str) -> None:
    """Pipes, alternatives, redirections, markup, addresses and usage texts in commands."""
    assert problems(command(text)) == []


@pytest.mark.parametrize(
    "part",
    [
        file("<network>\n  <name>x</name>\n  <bridge name='y'/>\n</network>\n", "/root/net"),
        file("<p>Hello<br>\n", "/var/www/index.html"),
        file("<b>Hello</b><br>\n<li>one\n", "/etc/motd.inc"),
        file("| a |b|c|\n|d|e|\n", "/root/table"),
        file("# lines are <key> = <value>\na = 1\n; <other>\n"),
        file("std::vector<int> x;\n#include <string>\n", "/root/x.cpp"),
        file("Usage: x <name>\n", "/root/help.txt"),
        file("cat x|sort|uniq <in>out\n", "/root/x.sh"),
        check('assert host.check_output("ls|sort|wc") == "aaa|0|t|1"'),
        check('assert "<policy>evenly</" in host.file("/root/x.xml").content_string'),
        check("import re\nassert re.search(r'(?P<name>a|b|c)', 'a')"),
        check('assert "<none>" not in host.check_output("podman images")'),
        check('assert host.file("/x").mode | 1 |2'),
    ],
)
def test_files_and_checks_may_have_bars_and_brackets(part: Action | Check) -> None:
    """Whatever else they mean there."""
    assert problems(part) == []


def test_a_check_may_look_for_an_element_that_the_step_writes() -> None:
    """Its end stands in another text of the step."""
    written = file("<pool>x</pool>\n", "/root/pool")
    assert problems(written, check("assert '<pool>' in x")) == []
    assert len(problems(check("assert '<pool>' in x"))) == 1


def test_a_step_that_captures_the_value_later_is_named() -> None:
    """Also if it is the very step."""
    using = Step("index/using", "Using", PLACE, actions=(command("x <vm-id>"),))
    assert problems(command("id"), before=(using, FIRST)) == [
        "index.rst:20: <vm-id> is captured only later, by index/first"
    ]
    own = Step("index/own", "Own", PLACE, actions=(command("x <vm-id>"),), capture=Capture("vm_id"))
    assert problems(command("id"), before=(own,)) == [
        "index.rst:20: <vm-id> is captured only by this step itself"
    ]


def test_one_mistake_on_a_line_is_told_once_and_unmarked_blocks_are_left_alone() -> None:
    """What a reader has to replace in an unmarked block is no mistake."""
    assert len(problems(command("x <disk> '<disk>'"))) == 1
    unmarked = Step("index/any", "Any", PLACE, actions=(command("x <disk> |volum|"),), marked=False)
    assert problems(command("id"), before=(unmarked,)) == []


def test_the_plan_names_the_line_and_replaces_what_is_known(tmp_path: Path) -> None:
    """In a file block the line is that of its text; answers of the table are filled in, too."""
    (tmp_path / "conf.py").write_text("extensions = ['runbook.sphinx']\n", encoding="utf-8")
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab/cluster.yaml").write_text(
        "name: small\nnetwork: 10.9.8.0/24\nhosts:\n  gs1: {address: 10.9.8.1}\n"
    )
    guide = (
        "Top\n===\n\n.. step:: One\n   :on: gs1\n\n   ::\n\n      # setup\n      Address: x\n"
        "\n   .. answers::\n\n      :Address: ``|gs1-address|``\n"
        "\n   .. file:: /etc/x\n      :mode: 0644\n\n      a\n      b = |gs1-adress|\n"
        "\n   .. check:: it is\n\n      assert host.exists('id')\n"
    )
    (tmp_path / "index.rst").write_text(guide, encoding="utf-8")
    with pytest.raises(PlanError, match=r"\Aindex.rst:20: there is no value \|gs1-adress\| "):
        build(tmp_path, output=tmp_path / "build")
    (tmp_path / "index.rst").write_text(guide.replace("adress", "address"), encoding="utf-8")
    dialogue, written = next(build(tmp_path, output=tmp_path / "build").steps()).actions
    assert isinstance(dialogue, Dialogue)
    assert dialogue.turns[0].answer == "10.9.8.1"
    assert isinstance(written, FileContent)
    assert written.text == "a\nb = 10.9.8.1\n"
