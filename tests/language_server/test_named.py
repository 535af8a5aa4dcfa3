"""What a name stands for is told, and where it is defined is found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from lsprotocol import types

from runbook.commands.guide import planned
from runbook.model import cluster, shared_source
from runbook.results import evidence
from runbook.results.basis import ProofKeys, basis_of
from runbook.results.evidence import Evidence, Proof
from runbook.results.outcome import Verdict
from tests.support.editor import Editor
from tests.support.guides import Guide


def place(editor: Editor, text: str) -> tuple[types.TextDocumentIdentifier, types.Position]:
    """Return the place of the ^ in `text`, which stands at the end of the page."""
    page = (editor.directory / "index.rst").read_text() + "\n\n" + text
    before, _, after = page.partition("^")
    editor.write("index.rst", before + after)
    position = types.Position(before.count("\n"), len(before) - before.rfind("\n") - 1)
    return types.TextDocumentIdentifier(editor.uri("index.rst")), position


def target(editor: Editor, text: str) -> str:
    """Return the line to which the editor goes from the ^, as `FILE: LINE`."""
    found = editor.ask("text_document_definition", types.DefinitionParams(*place(editor, text)))
    if found is None:
        return ""
    path = Path(found.uri.removeprefix("file://"))
    line = path.read_text().splitlines()[found.range.start.line]
    return f"{path.name}: {line.strip()}"


def told(editor: Editor, text: str) -> str:
    """Return what is shown of the thing at the ^."""
    found = editor.ask("text_document_hover", types.HoverParams(*place(editor, text)))
    return "" if found is None else str(found.contents.value)


STEP = ".. step:: New\n"
BLOCK = f"{STEP}\n   .. code-block:: console\n\n      "
CHECK = f"{STEP}\n   .. check:: x\n\n      "


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{STEP}   :needs: make-^the-file", "index.rst: .. step:: Make the file"),
        ("See :ref:`index/make-the^-file`.", "index.rst: .. step:: Make the file"),
        ("See :ref:`it <index/use-^the-file>`.", "index.rst: .. step:: Use the file"),
        (f"{STEP}   :on: bo^x", "cluster.yaml: box: {address: 10.9.8.1, groups: [bricks]}"),
        (f"{STEP}   :on: bri^cks", "cluster.yaml: box: {address: 10.9.8.1, groups: [bricks]}"),
        ("At |gate^way|.", "cluster.yaml: values: {gateway: 10.9.8.254}"),
        ("At |bag-addr^ess|.", "cluster.yaml: bag: {address: 10.9.8.2, platform: el9}"),
        ("At |dom^ain|.", "cluster.yaml: domain: example.org"),
        (f"{BLOCK}# rm <vm^-id>", "index.rst: .. step:: Make the file"),
        (f"{CHECK}is_th^ere(host)", "checks.py: def is_there(host, name):"),
        ("Nothing in pa^rticular", ""),
        ("See :ref:`index/no-such^-step`.", ""),
    ],
)  # fmt: skip
def test_the_definition_of_a_name_is_found(editor: Editor, text: str, line: str) -> None:
    """Of ids, values, hosts, captures and shared checks."""
    assert target(editor, text) == line


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (f"{STEP}   :needs: make-^the-file", ["**Make the file**", "on box", "1 check"]),
        (f"{STEP}   :on: bo^x", ["10.9.8.1", "debian12", "`bricks`"]),
        (f"{STEP}   :on: bri^cks", ["a group: `box`"]),
        ("At |gate^way|.", ["10.9.8.254"]),
        ("The :secret:`box-ad^min`.", ["RUNBOOK_SECRET_BOX_ADMIN"]),
        (f"{BLOCK}# cat <secret:box-ad^min>", ["RUNBOOK_SECRET_BOX_ADMIN"]),
        (".. st^ep:: New", ["what the operator does"]),
        (f"{STEP}   :time^out: 5m", ["seconds of a duration"]),
        (f"{STEP}   :requires: kv^m", ["/dev/kvm"]),
        (f"{CHECK}is_th^ere(host)", ["is_there(host, name)", "whether a file"]),
        ("Nothing in pa^rticular", []),
    ],
)  # fmt: skip
def test_what_is_known_of_a_name_is_told(editor: Editor, text: str, parts: list[str]) -> None:
    """In the words of the reference, the cluster file and the guide."""
    said = told(editor, text)
    assert [part for part in parts if part not in said] == []
    assert bool(said) == bool(parts)


def test_the_evidence_of_a_step_is_told(editor: Editor, guide: Guide) -> None:
    """Where it was proven, when, and how long it may take; of an earlier text, it says so.

    Its document may have had another name then.
    """
    described = cluster.load(guide.directory / cluster.PLACE)
    basis = basis_of(planned(guide.directory), described, shared_source.read(guide.directory))
    key = ProofKeys(basis).key("index/make-the-file", "debian12")
    for document, old, said in (
        ("before", False, "debian12: proven, 2026-11-20 (box)"),
        ("index", False, "debian12: proven, 2026-11-20 (box)"),
        ("index", True, "debian12: edited since it ran, 2026-11-20 (box)"),
    ):
        step, began = f"{document}/make-the-file", "2026-11-20T10:00:00+00:00"
        proof = Proof(
            step, "debian12", Verdict.PROVEN, "old" if old else key, began, 12.0,
            ("box",),
        )  # fmt: skip
        evidence.save(guide.directory, Evidence(document, (proof,)))
        shown = told(editor, ".. step:: New\n   :needs: make-^the-file")
        assert said in shown
        assert "Expected to take 12 s" in shown


def test_any_place_of_any_text_has_an_answer(editor: Editor) -> None:
    """Even one that the document does not have."""
    chance = random.Random(4)
    signs = ["\n", "   ", ":", "`", "|", "<", ".. step::", ":on:", "box", "\u00e9", "\U0001f4a5"]
    document = types.TextDocumentIdentifier(editor.uri("index.rst"))
    for _ in range(60):
        editor.write("index.rst", "".join(chance.choices(signs, k=60)))
        where = types.Position(chance.randrange(30), chance.randrange(90))
        editor.ask("text_document_hover", types.HoverParams(document, where))
        editor.ask("text_document_definition", types.DefinitionParams(document, where))
    assert editor.process.returncode is None
    editor.settle("index.rst", (editor.directory / "index.rst").read_text())
