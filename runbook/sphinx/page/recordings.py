"""Recordings of steps, which the page loads when they are played.

Each is written twice: as an asciicast to download, and as a script, because a page opened from
disk can load nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from runbook.results import artefact, evidence
from runbook.results.evidence import Proof
from runbook.sphinx.page.element import el, html_element
from runbook.sphinx.translation.interface import _

DIRECTORY: Final = "_recordings"
"""Directory of the recordings, relative to the pages."""

_PLAYER: Final = "_static/third-party/asciinema-player/asciinema-player"


def recording_link(app: Sphinx, docname: str, proof: Proof) -> html_element:
    """Return a link to the recording of a proof, which JavaScript turns into a player."""
    here = app.builder.get_target_uri(docname)
    cast = relative_uri(here, f"{DIRECTORY}/{proof.recording}")
    host = proof.hosts[0] if proof.hosts else _("the host")
    return el(
        "p",
        "runbook-recording",
        el("a", "", _("Recording (asciicast)"), href=cast, download=""),
        data_cast=cast,
        data_player=relative_uri(here, _PLAYER),
        data_host=host,
        data_fixed="",
    )


def write(app: Sphinx, names: Iterable[str]) -> None:
    """Write the recordings of those names next to the pages, and no other."""
    kept = Path(app.confdir) / evidence.PLACE / evidence.RECORDINGS
    place = Path(app.outdir) / DIRECTORY
    written = set()
    for name in names:
        text = artefact.read(kept / name)
        to = place / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
        arguments = json.dumps([name, text])[1:-1].replace("</", "<\\/")
        script = to.with_name(to.name + ".js")
        script.write_text(f"runbookRecording({arguments});\n", encoding="utf-8")
        written |= {to, script}
    for path in place.rglob("*"):
        if path.is_file() and path not in written:
            path.unlink()
