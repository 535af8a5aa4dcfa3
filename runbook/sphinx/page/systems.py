"""The question on the first page of a guide: which system the reader's hosts run.

It is asked once; the browser keeps the answer, and all pages show the steps for that system.
Without JavaScript nothing is asked, and all steps are shown.
"""

from __future__ import annotations

import json
import re
from typing import Final

from docutils import nodes
from sphinx.application import Sphinx

from runbook.sphinx.collect.document import get_document

SCRIPT: Final = "runbook-systems.js"

_NAMES: Final = {
    "alpine": "Alpine Linux",
    "amzn": "Amazon Linux",
    "arch": "Arch Linux",
    "debian": "Debian",
    "el": "Enterprise Linux",
    "fedora": "Fedora",
    "opensuse-leap": "openSUSE Leap",
    "sles": "SUSE Linux Enterprise Server",
    "ubuntu": "Ubuntu",
}
"""What the distributions call themselves, by the identifiers that they have for themselves."""


def platforms(app: Sphinx) -> tuple[str, ...]:
    """Return the platforms that steps of the guide are for, by name and number."""
    found: dict[str, None] = {}
    for name in sorted(app.env.all_docs):
        for step in get_document(app, name).steps:
            found |= dict.fromkeys(step.platforms)
    return tuple(sorted(found, key=_place))


def _place(platform: str) -> tuple[str, list[int]]:
    """Return what sorts `el9` before `el10`."""
    return re.sub(r"\d+", "", platform), [int(number) for number in re.findall(r"\d+", platform)]


def title(platform: str) -> str:
    """Return what people call a platform: `Enterprise Linux 9` for `el9`."""
    known = re.fullmatch(r"(.*?)([\d.]*)", platform)
    name = _NAMES.get(known[1].rstrip("-")) if known else None
    return f"{name} {known[2]}".strip() if name and known else platform


def list_platforms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """List the platforms of the guide on its first page, if there is a choice."""
    if docname != app.config.root_doc:
        return
    found = platforms(app)
    if len(found) > 1:
        listed = json.dumps([[one, title(one)] for one in found]).replace("<", "\\u003c")
        script = f'<script type="application/json" id="runbook-platforms">{listed}</script>'
        doctree += nodes.raw("", script, format="html")


def has_question(doctree: nodes.document) -> bool:
    """Return whether a page asks for the reader's system."""
    return any('id="runbook-platforms"' in raw.astext() for raw in doctree.findall(nodes.raw))
