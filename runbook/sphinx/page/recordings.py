"""Recordings of steps: offered on the page, loaded when someone asks for one, never from afar.

Each is written twice: as an asciicast to keep, and as a script, because a page that was opened
from a disk may load scripts, and nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx
from sphinx.util.osutil import relative_uri

from runbook import artefact, evidence
from runbook.evidence import Proof
from runbook.sphinx.page.element import el, element

PLACE: Final = "_recordings"
"""Where the recordings are below the directory of the pages."""

_PLAYER: Final = "_static/third-party/asciinema-player/asciinema-player"


def offer(app: Sphinx, docname: str, proof: Proof) -> element:
    """Return a link to a proof's recording, which the browser makes a player of."""
    here = app.builder.get_target_uri(docname)
    cast = relative_uri(here, f"{PLACE}/{proof.recording}")
    host = proof.hosts[0] if proof.hosts else "the host"
    return el(
        "p",
        "runbook-recording",
        el("a", "", "Recording (asciicast)", href=cast, download=""),
        data_cast=cast,
        data_player=relative_uri(here, _PLAYER),
        data_host=host,
        data_fixed="",
    )


def write(app: Sphinx, failure: Exception | None) -> None:
    """Put the recordings that evidence names beside the pages."""
    if failure is not None or app.builder.name not in ("html", "dirhtml"):
        return
    below = Path(app.confdir) / evidence.PLACE
    for path in sorted((below / evidence.RECORDINGS).rglob("*.cast")):
        text = artefact.read(path)
        name = path.relative_to(below / evidence.RECORDINGS)
        to = Path(app.outdir) / PLACE / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
        said = json.dumps([name.as_posix(), text])[1:-1].replace("</", "<\\/")
        script = to.with_name(to.name + ".js")
        script.write_text(f"runbookRecording({said});\n", encoding="utf-8")
