"""What browsers get of a guide, and what every other format gets."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve

from runbook import evidence
from runbook.sphinx import plan
from runbook.sphinx.page import own

from . import pages

BUILDERS = ["dirhtml", "singlehtml", "latex", "epub", "text", "man", "texinfo"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample guide, with its pages."""
    guide = pages.guide(tmp_path_factory.mktemp("pages"))
    pages.build(guide, "html", "-D", "html_baseurl=https://guide.example/ovirt/")
    return guide


def page(made: Path, name: str) -> str:
    """The text of a page."""
    return (made / "build/html" / f"{name}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("builder", BUILDERS)
def test_every_format_shows_the_guide_without_a_warning(made: Path, builder: str) -> None:
    """Cards are for browsers: other formats have the plain text of steps."""
    output = pages.build(made, builder)
    if builder == "text":
        text = (output / "store.txt").read_text(encoding="utf-8")
        assert "**Check:** the note is there" in text
        assert "# mkdir -p /srv/example.com" in text
        assert "runbook-" not in text
    if builder == "epub":
        assert not (output / "_recordings").exists()


def test_documents_are_read_and_written_side_by_side(made: Path, tmp_path: Path) -> None:
    """With several processes the pages are the same."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    pages.build(copy, "html", "-j", "4", "-D", "html_baseurl=https://guide.example/ovirt/")
    assert page(copy, "store") == page(made, "store")


def test_a_card_says_where_how_long_and_what_is_known(made: Path) -> None:
    """Its anchor is permanent, and it has no script's button."""
    text = page(made, "store")
    card = text[text.index('<article class="runbook-step" id="write-it-down"') :]
    card = card[: card.index("</article>")]
    assert '<span class="runbook-step-number">1</span>' in card
    assert 'class="runbook-host"><span class="runbook-own" data-own="gs1">gs1</span>' in card
    assert "about 12 s" in card
    assert "runbook-badge runbook-proven" in card
    assert "Proven on debian12, 1 March 2026 (gs1, gs2; 12 s; ovirt lab; containers)" in card
    assert "mode 0644" in card
    old = text[text.index("Only on the old system") :]
    assert "if you chose engine: hosted" in old
    assert "needs kvm" in old
    assert "<button" not in card
    assert "runbook-badge runbook-stale" in text
    assert "type the secret" in text
    assert 'href="#write-it-down"' in text.replace(card, "")


def test_evidence_that_changes_rewrites_its_page_and_the_table(made: Path, tmp_path: Path) -> None:
    """And no other chapter."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    output = pages.build(copy)
    names = ("index", "store", "other", "proven")
    before = {name: (output / f"{name}.html").stat().st_mtime_ns for name in names}
    known = evidence.load(copy, "store")
    evidence.save(copy, evolve(known, proofs=()))
    pages.build(copy)
    after = {name: (output / f"{name}.html").stat().st_mtime_ns for name in names}
    # Sphinx itself writes the page anew whose toctree lists one that changed.
    assert [name for name in names if before[name] != after[name]] == ["index", "store", "proven"]
    assert "never run" in page(copy, "store")


def test_only_pages_with_something_to_follow_load_programs(made: Path) -> None:
    """And none loads the player, or anything from afar."""
    assert "runbook-follow.js" in page(made, "store")
    assert "runbook-follow.js" not in page(made, "search")
    for path in (made / "build/html").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|iframe)[^>]*src="(?:https?:)?//', text), path
        assert not re.search(r'<link[^>]*stylesheet[^>]*href="(?:https?:)?//', text), path
        assert "asciinema-player.min.js" not in text


def test_a_page_that_is_not_found_works_at_every_address(made: Path) -> None:
    """Its links are seen from where the site is."""
    text = page(made, "404")
    assert '<base href="/ovirt/">' in text
    assert "There is no such page" in text


def test_the_map_of_the_site_lists_the_documents(made: Path) -> None:
    """Only where the site's address is known."""
    text = (made / "build/html/sitemap.xml").read_text()
    assert text.count("<loc>") == 4
    assert "<loc>https://guide.example/ovirt/store.html</loc>" in text
    assert not (pages.build(made, "dirhtml") / "sitemap.xml").exists()


def test_names_and_addresses_are_found_and_ordinary_words_are_not() -> None:
    """The longest value counts; a part of a longer name or of a path is none."""
    known = own.values({"domain": "example.com", "fqdn": "engine.example.com", "n": "3"}, ["web1"])
    said = "web1.example.com engine.example.com myexample.com web1-old /srv/web1 3 http://web1/"
    assert [piece for piece in known.split(said) if piece[1]] == [
        ("web1", "web1"),
        ("example.com", "domain"),
        ("engine.example.com", "fqdn"),
        ("web1", "web1"),
    ]
    plain = own.values({}, ["web"])
    assert list(plain.split("on the web", prose=True)) == [("on the web", "")]
    assert list(plain.split("ssh web")) == [("ssh ", ""), ("web", "web")]


def test_the_plan_is_the_same_as_without_pages(made: Path, tmp_path: Path) -> None:
    """What a page shows changes nothing of what runs."""
    runbook = plan.build(made, output=tmp_path)
    (step, *_) = runbook.chapters[0].steps
    assert step.id == "store/write-it-down"


class _Ids(HTMLParser):
    """Collects the ids of a page and the anchors that it links to."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        if name := about.get("id"):
            self.ids.append(name)
        href = about.get("href") or ""
        if tag == "a" and href.startswith("#") and href != "#":
            self.anchors.add(href[1:])


def test_anchors_of_a_page_lead_somewhere_and_ids_are_single(made: Path) -> None:
    """On every page."""
    for path in (made / "build/html").rglob("*.html"):
        parser = _Ids()
        parser.feed(path.read_text(encoding="utf-8"))
        assert len(parser.ids) == len(set(parser.ids)), path
        assert parser.anchors <= set(parser.ids), path
