"""Recordings of steps, which the page loads when they are played.

Each is written twice: as an asciicast to download, and as a script, because a page opened from
disk can load nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from runbook.results import artefact, evidence
from runbook.results.evidence import Proof
from runbook.sphinx.page.assets import PAGE_BUILDERS
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


def write_recordings(app: Sphinx, failure: Exception | None) -> None:
    """Write the recordings of the evidence next to the pages."""
    if failure is not None or app.builder.name not in PAGE_BUILDERS:
        return
    evidence_directory = Path(app.confdir) / evidence.PLACE
    for path in sorted((evidence_directory / evidence.RECORDINGS).rglob("*.cast")):
        text = artefact.read(path)
        name = path.relative_to(evidence_directory / evidence.RECORDINGS)
        to = Path(app.outdir) / DIRECTORY / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
        arguments = json.dumps([name.as_posix(), text])[1:-1].replace("</", "<\\/")
        script = to.with_name(to.name + ".js")
        script.write_text(f"runbookRecording({arguments});\n", encoding="utf-8")
