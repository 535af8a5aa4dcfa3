"""A guide in Markdown is planned like one in reStructuredText, with its own lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runbook.model import Chapter, FileContent, Manual, Runbook
from runbook.sphinx.planning.plan import PlanError, build
from tests.support.guides import CLUSTER, Guide

pytest.importorskip("myst_parser")
# MyST itself uses what Sphinx deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:.*BuildEnvironment.app")

CONF = """\
extensions = ["myst_parser", "runbook.sphinx"]
myst_enable_extensions = ["colon_fence", "fieldlist"]
"""
STEP = """\
:::::{step} Greet
:on: box

Words in it.

```{code-block} console
:caption: in it

# echo greeting
```

- In a list:

  ```console
  # echo listed
  ```

:::{file} /etc/motd
:mode: 0644

hello
:::

:::{manual}
Look at the lamp.
:::

```{answers}

:Sure?: `yes`
:Password: {secret}`the-password`
```

```{code-block} console
# ask
Sure? yes
Password:
```

```{check} there is a greeting
:within: 3s

assert host.exists("greeting")
```
:::::
"""


def guide(directory: Path, index: str, **files: str) -> Path:
    """Return a guide of one page of Markdown with these files beside it."""
    (directory / "lab").mkdir(parents=True)
    (directory / "conf.py").write_text(CONF)
    cluster = CLUSTER.replace("hosts:", "choices: {how: quick}\nhosts:")
    (directory / "lab/cluster.yaml").write_text(cluster)
    (directory / "index.md").write_text(f"# Guide\n\n{index}")
    for name, text in files.items():
        (directory / name.replace("_", ".")).write_text(text)
    return directory


def plan(directory: Path, *, lenient: bool = False) -> Runbook:
    """Return the plan of a guide."""
    return build(directory, output=directory / "build/plan", lenient=lenient)


def line_of(directory: Path, text: str, name: str = "index.md") -> int:
    """Return the first line of a file that has `text`."""
    lines = (directory / name).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_every_part_of_a_step_is_told_at_its_line(tmp_path: Path) -> None:
    """In fences of both kinds, in lists, below options."""
    directory = guide(tmp_path, STEP)
    (step,) = plan(directory).steps()
    assert step.location.line == line_of(directory, "{step}")
    wanted = ["# echo greeting", "# echo listed", "{file}", "{manual}", "# ask"]
    assert [a.location.line for a in step.actions] == [line_of(directory, one) for one in wanted]
    assert [c.location.line for c in step.checks] == [line_of(directory, "assert host")]


def test_every_directive_means_the_same_as_in_restructuredtext(tmp_path: Path) -> None:
    """Options, files, answers and secrets."""
    (step,) = plan(guide(tmp_path, STEP)).steps()
    assert (step.title, step.on, step.checks[0].within) == ("Greet", ("box",), 3.0)
    file, manual, asked = step.actions[2:]
    assert isinstance(file, FileContent)
    assert (file.path, file.text, file.mode) == ("/etc/motd", "hello\n", "0644")
    assert isinstance(manual, Manual)
    turns = getattr(asked, "turns", ())
    assert [(turn.prompt, turn.answer, turn.secret) for turn in turns] == [
        ("Sure?", "yes", None),
        ("Password:", None, "the-password"),
    ]


def test_directives_that_follow_one_another_without_a_gap_keep_their_lines(tmp_path: Path) -> None:
    """MyST itself counts a line too much there."""
    inner = (
        ":::{{step}} {title}\n:on: box\n\n```console\n# echo {title}\n```\n"
        "```{{check}} it is\nassert host\n```\n:::\n"
    )
    text = (
        f"::::{{platform}} debian12\n{inner.format(title='one')}::::\n\n"
        f"::::{{choice}} how=quick\n{inner.format(title='two')}::::\n"
    )
    directory = guide(tmp_path, text)
    one, two = plan(directory).steps()
    assert (one.platforms, two.choices) == (("debian12",), ("how=quick",))
    for step in (one, two):
        begin = line_of(directory, f"{{step}} {step.title}")
        assert step.location.line == begin
        assert [a.location.line for a in step.actions] == [begin + 4]
        assert [c.location.line for c in step.checks] == [begin + 7]


def test_restructuredtext_within_markdown_keeps_its_lines(tmp_path: Path) -> None:
    """As in `eval-rst`."""
    text = (
        "Words.\n\n```{eval-rst}\n.. step:: One\n   :on: box\n\n   .. code-block:: console\n\n"
        "      # echo one\n\n   .. check:: it is\n\n      assert host\n```\n"
    )
    (step,) = plan(guide(tmp_path, text)).steps()
    assert (step.location.line, step.actions[0].location.line) == (6, 11)
    assert step.checks[0].location.line == 15


@pytest.mark.parametrize("options", [":start-after: BEGIN\n:end-before: END\n", ":start-line: 3\n"])
def test_an_included_file_has_its_own_lines(tmp_path: Path, options: str) -> None:
    """Of Markdown that is included in part."""
    part = "Remarks\nabove.\nBEGIN\n\nText.\n\n```{code-block} console\n# echo part\n```\n\nEND\n"
    directory = guide(tmp_path, f"```{{include}} part.md\n{options}```\n", part_md=part)
    (step,) = plan(directory).steps()
    assert str(step.location) == "part.md:8"


def test_a_check_that_fails_is_told_at_its_line(tmp_path: Path) -> None:
    """Not at the first line of the page."""
    sample = Guide(tmp_path)
    (sample.directory / "conf.py").write_text('extensions = ["myst_parser", "runbook.sphinx"]\n')
    (sample.directory / "index.rst").unlink()
    (sample.directory / "index.md").write_text(
        "# Guide\n\nSome words.\n\n````{step} Greet\n:on: box\n\n```console\n"
        f"# touch {sample.place}/one\n```\n\n```{{check}} there is another\n"
        f'assert host.file("{sample.place}/two").exists\n```\n````\n'
    )
    done = sample.call("run")
    assert done.returncode == 1
    assert "index.md:13" in done.stdout
    assert "index.md:1:" not in done.stdout


def test_answers_need_the_field_lists_of_markdown(tmp_path: Path) -> None:
    """The message says which extension to enable."""
    directory = guide(tmp_path, STEP)
    (directory / "conf.py").write_text(CONF.replace(', "fieldlist"', ""))
    with pytest.raises(PlanError, match="myst_enable_extensions"):
        plan(directory)


BROKEN = """\
from docutils.parsers.rst import Directive

class Broken(Directive):
    has_content = True
    def run(self):
        return 1 / 0

def setup(app):
    app.add_directive("broken", Broken)
    app.add_role("wrong", lambda *_, **__: 1 / 0)
"""


def documents(found: Runbook) -> dict[str, list[str]]:
    """Return the commands of each document."""

    def commands(chapter: Chapter) -> list[str]:
        return [text for block in chapter.blocks for text in block.commands]

    return {chapter.document: commands(chapter) for chapter in found.chapters}


def test_a_directive_that_crashes_costs_only_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parser that ran it is not left out; neither are the other documents."""
    text = (
        "```{toctree}\nother\n```\n\n```{broken}\nx\n```\n\nA {wrong}`role`.\n\n"
        "```console\n$ systemctl start one\n```\n"
    )
    other = "# Other\n\n```console\n$ systemctl start two\n```\n"
    directory = guide(tmp_path, text, other_md=other)
    (directory / "conf.py").write_text(f"extensions = ['myst_parser']\n{BROKEN}")
    found = plan(directory, lenient=True)
    assert documents(found) == {"index": ["systemctl start one"], "other": ["systemctl start two"]}
    output = capsys.readouterr().err
    assert "index.md:7: WARNING: the directive 'broken' fails: ZeroDivisionError" in output
    assert "index.md:11: WARNING: the role 'wrong' fails: ZeroDivisionError" in output
    assert "left out" not in output


def test_a_document_that_makes_its_parser_crash_is_left_out_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are read, also those that only its table of contents named."""
    from myst_parser.mdit_to_docutils.base import DocutilsRenderer

    def crash(*_: object) -> None:
        raise IndexError("crash")

    crash.__module__ = DocutilsRenderer.__module__
    monkeypatch.setattr(DocutilsRenderer, "render_hr", crash)
    text = "```{toctree}\nother\n```\n\n---\n"
    other = "# Other\n\n```console\n$ systemctl start two\n```\n"
    directory = guide(tmp_path, text, other_md=other)
    (directory / "conf.py").write_text("extensions = ['myst_parser']\n")
    assert documents(plan(directory, lenient=True))["other"] == ["systemctl start two"]
    assert "index.md:1: WARNING: the document is left out: IndexError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        (":need: nothing", 'unknown option: "need"; did you mean "needs"'),
        (":repeatabel: no", 'unknown option: "repeatabel"; did you mean "repeatable"'),
        (
            ":repeatable: perhaps",
            "invalid option value: (option: \"repeatable\"; value: 'perhaps')",
        ),
        (":readonly: no", "invalid option value: (option: \"readonly\"; value: 'no')"),
        (":on box", "Invalid options format"),
    ],
)
def test_a_mistyped_option_is_an_error(tmp_path: Path, option: str, complaint: str) -> None:
    """Without it the step would be another one than its author means."""
    text = f"````{{step}} One\n{option}\n\n```console\n# true\n```\n````\n"
    directory = guide(tmp_path, text)
    (directory / "conf.py").write_text(CONF)
    with pytest.raises(PlanError) as raised:
        plan(directory)
    assert complaint in str(raised.value)


def test_an_option_without_a_value_may_say_that_it_is_true(tmp_path: Path) -> None:
    """In YAML every option has a value."""
    text = "````{step} One\n---\non: box\nreadonly: true\n---\n\n```console\n# true\n```\n````\n"
    directory = guide(tmp_path, text)
    (directory / "conf.py").write_text(CONF)
    (step,) = plan(directory).steps()
    assert (step.on, step.readonly) == (("box",), True)


def test_the_plan_is_json_whatever_the_guide_prints(tmp_path: Path) -> None:
    """What conf.py and the programs that it starts print goes to standard error."""
    sample = Guide(tmp_path, "::\n\n   # systemctl start one\n")
    (sample.directory / "conf.py").write_text(
        'import os\nprint("from conf.py", flush=True)\nos.system("echo from a program")\n'
        'extensions = ["runbook.sphinx"]\n'
    )
    done = sample.call("plan", "--json")
    assert json.loads(done.stdout)["title"] == "Sample"
    assert "from conf.py" in done.stderr
    assert "from a program" in done.stderr
