"""Every code block of a guide is found with its exact text and the text around it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runbook.console.block import Block, Sentence
from runbook.sphinx.planning import plan
from tests.support.blocks import found, page
from tests.support.paths import SAMPLES

FOREIGN = SAMPLES / "foreign"

Found = list[Block | Sentence]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """All blocks and sentences of a foreign guide."""
    with pytest.MonkeyPatch.context() as patch:
        return found(FOREIGN, tmp_path_factory.mktemp("plan"), patch, lenient=True)


def blocks(everything: Found, document: str) -> list[Block]:
    """Return the blocks below the heading of one document."""
    return [b for b in everything if isinstance(b, Block) and b.headings[0] == document]


def one(everything: Found, text: str) -> Block:
    """Return the block with the text `text`."""
    (block,) = (b for b in everything if isinstance(b, Block) and b.text.rstrip() == text)
    return block


def test_a_block_records_its_directive_language_and_text(everything: Found) -> None:
    """As the author wrote them; a doctest is not a block."""
    shown = [(b.directive, b.language, b.default, b.text) for b in blocks(everything, "Directives")]
    assert shown == [
        ("::", None, "console", "$ plain"),
        ("code-block", "console", "bash", "# code-block "),
        ("sourcecode", "ini", "bash", "sourcecode = 1"),
        ("code", None, "bash", "# code"),
        ("literalinclude", "sh", "bash", "set -e\ntrue\n"),
        ("prompt", "bash", "bash", "$ prompt\nshown"),
        ("prompt", "bash", "bash", "prompt two"),
        ("code-block", "bash", "bash", "region north 7 |other|"),
    ]


def test_options_of_missing_extensions_are_accepted(
    everything: Found,
) -> None:
    """A plan does not need them, so it does not fail."""
    options = one(everything, "# code-block").options
    assert options["an-option-of-an-extension"] == "x"
    prompts = [b.options for b in everything if isinstance(b, Block) and b.directive == "prompt"]
    assert prompts == [
        {"language": "bash", "prompts": "$,>", "modifiers": "auto"},
        {"language": "bash", "prompts": "#"},
    ]


def test_the_line_of_a_block_is_that_of_its_text(everything: Found) -> None:
    """In lists, notes, tables, included files and below options."""
    checked = 0
    for block in everything:
        if isinstance(block, Block) and block.directive not in ("literalinclude", "parsed-literal"):
            lines = (FOREIGN / block.location.document).read_text("utf-8").splitlines()
            first = block.text.split("\n")[0].split()[0]
            assert first in lines[block.location.line - 1].split(), block
            checked += 1
    assert checked > 20
    assert one(everything, "# included").location.document == "part.inc"


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("# in a list", "Debian: the first way", "The second way is a whole sentence that"),
        ("# in a note", "Inside of the note.", ""),
        ("# in a warning", "", ""),
        ("# in a table", "Stop", ""),
        ("# on the page", "After the table.", "From a file:"),
        ("# in a definition", "term", "Then type systemctl restart it as root"),
        ("# apt install it", "Choose one.", ""),
        ("# dnf install it", "Choose one.", ""),
        ("# make install", "", ""),
    ],
)
def test_a_block_has_the_paragraphs_before_and_after_it(
    everything: Found, text: str, before: str, after: str
) -> None:
    """Also across list items and into tabs, but not out of notes."""
    block = one(everything, text)
    assert block.before == before
    assert block.after.startswith(after)
    assert bool(block.after) == bool(after)


def test_blocks_that_the_page_does_not_show_are_not_found(everything: Found) -> None:
    """`only` is evaluated with the tags, as for the page."""
    assert not any("not on the page" in b.text for b in everything)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("# in a list", ("Debian",)),
        ("# in a note", ("note",)),
        ("# in a definition", ("term",)),
        ("# apt install it", ("Debian",)),
        ("# dnf install it", ("Red Hat",)),
        ("# zypper install it", ("openSUSE",)),
        ("pacman -S it", ("Arch",)),
        ("# make install", ("By hand",)),
        ("# systemctl start it", ("On the server",)),
        ("# inside a box", ("an argument",)),
    ],
)
def test_a_block_has_the_titles_above_it(
    everything: Found, text: str, labels: tuple[str, ...]
) -> None:
    """Of tabs, notes, items, terms and rubrics, also of missing extensions."""
    assert one(everything, text).labels == labels


def test_headings_are_those_above_a_block(everything: Found) -> None:
    """The outermost comes first."""
    assert one(everything, "# systemctl start it").headings == ("Titles", "Next")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("# code-block", "/etc/motd"),
        ("quoted = 1", "/etc/quoted/path.conf"),
        ("literal = 1", "/etc/literal.conf"),
        ("# in a table", None),
    ],
)
def test_a_paragraph_that_is_only_a_path_names_the_file_below(
    everything: Found, text: str, path: str | None
) -> None:
    """In italics or literal, in a quote, or as the caption."""
    assert one(everything, text).path == path


def test_commands_in_prose_are_found_as_sentences(everything: Found) -> None:
    """Literals that look like commands, and paragraphs that begin with a prompt."""
    said = [s for s in everything if isinstance(s, Sentence)]
    assert [(s.text[:20], s.literals, s.location.line) for s in said] == [
        ("Then type systemctl ", ("systemctl restart it", "Enter"), 74),
        ("# whoami", (), 76),
    ]


def test_a_parsed_literal_keeps_the_backslashes_of_the_shell(everything: Found) -> None:
    """Markup becomes its text; only the escapes of reStructuredText are undone."""
    (block,) = blocks(everything, "Parsed")
    assert block.location.line == 6
    assert block.text == (
        "# it --region north \\\n    --name NAME \\\n"
        "    --file a.txt \"a\\nb\" 'c\\$d' x*y\n"
        '$ printf "%s\\n" the top'
    )


@pytest.mark.parametrize(
    ("argument", "options"),
    [
        ("bash", {"language": "bash"}),
        ("bash $", {"language": "bash", "prompts": "$"}),
        ("bash # auto", {"language": "bash", "prompts": "#", "modifiers": "auto"}),
        ("[root@host ~]#", {"prompts": "[root@host ~]#"}),
    ],
)
def test_the_argument_of_prompt_is_language_prompts_and_modifier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str, options: dict[str, str]
) -> None:
    """Whether or not sphinx-prompt is installed."""
    read = page(tmp_path, monkeypatch)
    (block,) = read(f".. prompt:: {argument}\n\n   true")
    assert isinstance(block, Block)
    assert (block.options, block.text, block.location.line) == (options, "true", 6)


def test_blocks_are_numbered_below_their_heading(tmp_path: Path) -> None:
    """Marked blocks and sentences count too; a block of a marked step has the id of the step."""
    (tmp_path / "conf.py").write_text("extensions = ['runbook.sphinx']\n", encoding="utf-8")
    (tmp_path / "index.rst").write_text(
        "Top\n===\n\n::\n\n   # systemctl stop nginx\n\n.. step:: One\n\n   ::\n\n      # true\n\n"
        "   .. check:: it is\n\n      assert host\n\nType ``ls -l``.\n\n"
        "::\n\n   # systemctl start nginx\n",
        encoding="utf-8",
    )
    (chapter,) = plan.build(tmp_path, output=tmp_path / "build" / "plan").chapters
    assert [(b.id, b.step) for b in chapter.blocks] == [
        ("index/top-1", "index/top-1"),
        ("index/top-2", "index/one"),
        ("index/top-3", None),
        ("index/top-4", "index/top-4"),
    ]
    marked = chapter.blocks[1]
    assert (marked.confidence, marked.reasons, marked.commands) == (1.0, ("marked",), ("true",))
    assert [(s.id, s.marked) for s in chapter.steps] == [
        ("index/top-1", False),
        ("index/one", True),
        ("index/top-4", False),
    ]
    assert chapter.steps[0].confidence == chapter.blocks[0].confidence
