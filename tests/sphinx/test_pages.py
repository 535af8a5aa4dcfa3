"""The HTML pages of a guide, and its other formats."""

from __future__ import annotations

import re
import shutil
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve

from runbook.commands.mutation.mutate import keys_of
from runbook.mutation import explained, record
from runbook.mutation.mutants import mutants
from runbook.mutation.record import Fate, MutatedStep, Mutation, Tried
from runbook.results import Verdict, evidence
from runbook.sphinx.page import operator_values
from runbook.sphinx.planning import plan
from tests.support import pages
from tests.support.extended import OURS, html, writer

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
def test_every_builder_writes_the_guide_without_a_warning(made: Path, builder: str) -> None:
    """Only HTML has cards; other formats have the steps as plain text."""
    output = pages.build(made, builder)
    if builder == "text":
        text = (output / "store.txt").read_text(encoding="utf-8")
        assert "**Check:** the note is there" in text
        assert "# mkdir -p /srv/example.com" in text
        assert "runbook-" not in text
    if builder == "epub":
        assert not (output / "_recordings").exists()


def test_parallel_builds_write_the_same_pages(made: Path, tmp_path: Path) -> None:
    """In reading and in writing."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    pages.build(copy, "html", "-j", "4", "-D", "html_baseurl=https://guide.example/ovirt/")
    assert page(copy, "store") == page(made, "store")


def test_a_card_shows_hosts_duration_and_evidence(made: Path) -> None:
    """Its anchor is permanent, and buttons are left to JavaScript."""
    text = page(made, "store")
    card = text[text.index('<article class="runbook-step" id="write-it-down"') :]
    card = card[: card.index("</article>")]
    assert '<span class="runbook-step-number">1</span>' in card
    assert 'class="runbook-host"><span class="runbook-value" data-value="gs1">gs1</span>' in card
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


def test_a_step_that_was_only_checked_is_not_shown_as_rehearsed(made: Path, tmp_path: Path) -> None:
    """Its commands were parsed and linted; no stand-in was involved."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    known = evidence.load(copy, "store")
    rehearsed = [proof for proof in known.proofs if proof.verdict is Verdict.REHEARSED]
    checked = tuple(evolve(proof, verdict=Verdict.CHECKED) for proof in rehearsed)
    evidence.save(copy, evolve(known, proofs=checked))
    pages.build(copy, "html")
    text = page(copy, "store")
    assert "Rehearsed, 1 March 2026: played against a stand-in" in page(made, "store")
    assert "runbook-badge runbook-checked" in text
    assert "Checked, 1 March 2026: its commands were parsed and linted; never run." in text
    assert "stand-in" not in text


def test_a_step_that_only_ran_is_never_shown_as_good(made: Path, tmp_path: Path) -> None:
    """Its badge is grey, and says on the card and in the table that nothing was checked."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    known = evidence.load(copy, "store")
    ran = tuple(
        evolve(proof, verdict=Verdict.RAN) if proof.verdict is Verdict.PROVEN else proof
        for proof in known.proofs
    )
    evidence.save(copy, evolve(known, proofs=ran))
    pages.build(copy, "html")
    text = page(copy, "store")
    assert "runbook-badge runbook-proven" in page(made, "store")
    assert "runbook-badge runbook-proven" not in text
    assert 'runbook-badge runbook-ran" data-fixed="">ran, no check <time' in text
    assert (
        "Ran on debian12, 1 March 2026 (gs1, gs2; 12 s; ovirt lab; containers): "
        "no check says whether it worked." in text
    )
    assert "ran, no check 2026-03-01, 2 hosts, 12.4 s" in page(copy, "proven")


def test_a_step_with_another_title_keeps_what_is_shown_of_it(made: Path, tmp_path: Path) -> None:
    """Its evidence has the old id until the next one is saved."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    path = copy / "store.rst"
    old = "Write it down\n   :on: gs1\n   :platform: debian12"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, "Note it\n   :on: gs1"))
    pages.build(copy)
    text = page(copy, "store")
    card = text[text.index('<article class="runbook-step" id="note-it"') :]
    card = card[: card.index("</article>")]
    assert "Proven on debian12, 1 March 2026 (gs1, gs2" in card
    assert "never run" not in card


def test_changed_evidence_rewrites_its_page_and_the_table(made: Path, tmp_path: Path) -> None:
    """And no other chapter."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    output = pages.build(copy)
    names = ("index", "store", "other", "proven")
    before = {name: (output / f"{name}.html").stat().st_mtime_ns for name in names}
    known = evidence.load(copy, "store")
    evidence.save(copy, evolve(known, proofs=()))
    pages.build(copy)
    after = {name: (output / f"{name}.html").stat().st_mtime_ns for name in names}
    # Sphinx itself rewrites the page whose toctree lists a changed one.
    assert [name for name in names if before[name] != after[name]] == ["index", "store", "proven"]
    assert "never run" in page(copy, "store")


def test_the_table_of_evidence_needs_no_platforms(tmp_path: Path) -> None:
    """A column for each system that steps ran on; a single one if none ever ran."""
    guide = writer(tmp_path)(f"{OURS}\n.. proven::\n", "runbook.sphinx")
    pages.give_evidence(guide)
    page = html(guide)
    assert re.search(r"<p>debian12</p></th>.*>proven 2026-03-01, 2 hosts, 12.4 s<", page, re.DOTALL)
    evidence.save(guide, evolve(evidence.load(guide, "index"), proofs=()))
    page = html(guide)
    assert re.search(r"<p>status</p></th>.*>never run<", page, re.DOTALL)


def test_only_pages_with_steps_load_the_progress_script(made: Path) -> None:
    """And none loads the player, or anything from another site."""
    assert "runbook-follow.js" in page(made, "store")
    assert "runbook-follow.js" not in page(made, "search")
    for path in (made / "build/html").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r'<(?:script|img|iframe)[^>]*src="(?:https?:)?//', text), path
        assert not re.search(r'<link[^>]*stylesheet[^>]*href="(?:https?:)?//', text), path
        assert "asciinema-player.min.js" not in text


def test_the_not_found_page_works_at_every_address(made: Path) -> None:
    """Its links are relative to the base URL of the site."""
    text = page(made, "404")
    assert '<base href="/ovirt/">' in text
    assert "Page not found" in text


def test_the_sitemap_lists_the_documents(made: Path) -> None:
    """If `html_baseurl` is set."""
    text = (made / "build/html/sitemap.xml").read_text()
    assert text.count("<loc>") == 4
    assert "<loc>https://guide.example/ovirt/store.html</loc>" in text
    assert not (pages.build(made, "dirhtml") / "sitemap.xml").exists()


def test_names_and_addresses_are_found_and_ordinary_words_are_not() -> None:
    """The longest value wins; parts of longer names or of paths do not count."""
    known = operator_values.find_values(
        {"domain": "example.com", "fqdn": "engine.example.com", "n": "3"}, ["web1"]
    )
    said = "web1.example.com engine.example.com myexample.com web1-old /srv/web1 3 http://web1/"
    assert [piece for piece in known.split(said) if piece[1]] == [
        ("web1", "web1"),
        ("example.com", "domain"),
        ("engine.example.com", "fqdn"),
        ("web1", "web1"),
    ]
    plain = operator_values.find_values({}, ["web"])
    assert list(plain.split("on the web", prose=True)) == [("on the web", "")]
    assert list(plain.split("ssh web")) == [("ssh ", ""), ("web", "web")]


def test_the_plan_is_the_same_as_without_pages(made: Path, tmp_path: Path) -> None:
    """Rendering does not change what runs."""
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


def test_anchors_exist_and_ids_are_unique(made: Path) -> None:
    """On every page."""
    for path in (made / "build/html").rglob("*.html"):
        parser = _Ids()
        parser.feed(path.read_text(encoding="utf-8"))
        assert len(parser.ids) == len(set(parser.ids)), path
        assert parser.anchors <= set(parser.ids), path


def test_what_became_of_mutants_stands_above_the_table(made: Path, tmp_path: Path) -> None:
    """How many of all were tried, by chapter, and what survived; not what is of an earlier text."""
    copy = shutil.copytree(made, tmp_path / "guide", ignore=shutil.ignore_patterns("build"))
    pages.build(copy, "html")
    assert "Mutants on" not in page(copy, "proven")
    runbook = plan.build(copy, output=copy / "build" / "plan")
    keys = keys_of(copy, runbook)
    one, other = [step for step in runbook.steps() if len(mutants(step)) > 2][:2]
    first, second, third, *_ = mutants(one)
    fates = (
        Tried(first.id, Fate.BY_CHECK, ("the note is there",)),
        Tried(second.id, Fate.SURVIVED),
        Tried(third.id, Fate.SURVIVED),
    )
    day = "2026-03-02T12:00:00+00:00"
    on = "debian12"
    known = record.merged(
        Mutation((MutatedStep(other.id, on, "of an earlier text", day, mutants=fates),)),
        MutatedStep(one.id, on, keys.key(one.id, on), day, made_of="containers", mutants=fates),
        [step.id for step in runbook.steps()],
    )
    record.save(copy, known)
    (copy / explained.PLACE).write_text(f'survive:\n  "{second.id[:-1]}*": it is well known\n')
    before = (copy / "build/html/store.html").stat().st_mtime_ns
    pages.build(copy, "html")
    text = page(copy, "proven")
    assert "Mutants on debian12 (containers)" in text
    here = [step for step in runbook.steps() if not step.platforms or on in step.platforms]
    count = sum(len(mutants(step)) for step in here)
    assert f"3 of {count} mutants" in text
    assert "were tried, the last on 2026-03-02. Killed by a check: 1." in text
    assert "Survived: 2, of these for a known reason: 1." in text
    survivors = text[text.index("not noticed by any check") :]
    survivors = unescape(re.sub("<[^>]*>", "", survivors[: survivors.index("</table>")]))
    assert third.told in survivors
    assert second.told not in survivors
    assert (copy / "build/html/store.html").stat().st_mtime_ns == before
