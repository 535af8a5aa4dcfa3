"""The server: what an editor sends, and what it is sent, over standard input and output."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path
from typing import Final

from attrs import define, field
from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from runbook import __version__
from runbook.language_server import cluster_file
from runbook.language_server.diagnostics import diagnostic
from runbook.language_server.guide import GuideState
from runbook.language_server.messages import Edited, Found, Told
from runbook.language_server.reading import Reading
from runbook.language_server.shared_names import definitions
from runbook.model import cluster, shared_source
from runbook.results import plan_record

_CONF: Final = "conf.py"
_EXTENSION: Final = "runbook.sphinx"
"""As `runbook.sphinx.directives.registry` has it; but here Sphinx is not imported."""

_CLUSTER: Final = cluster.PLACE.as_posix()

_PATIENCE: Final = 10.0
"""Seconds that a request may wait for a text to be read."""


@define(eq=False)
class OpenedGuide:
    """A guide of which a file is open in the editor."""

    state: GuideState
    reading: Reading
    news: asyncio.Event = field(factory=asyncio.Event)
    """Set when something was told, and then replaced."""


class RunbookServer(LanguageServer):
    """Shows an editor what is known of the guides whose files it has open."""

    def __init__(self) -> None:
        super().__init__("runbook", __version__)
        self.guides: dict[Path, OpenedGuide] = {}
        self.uris: dict[Path, str] = {}
        self.lenient = False
        self.unmarked = False
        self._kept = contextlib.ExitStack()
        self._progress: asyncio.Task[None] | None = None

    def guide_of(self, uri: str) -> tuple[OpenedGuide, str] | None:
        """Return the guide that a file belongs to and its path there, `None` if it has none.

        That is the nearest directory above the file that has a conf.py, if that names our
        extension or there is a cluster file. Reading a guide executes its conf.py, and other
        programs have files of that name. The guide is opened if it is not yet.
        """
        given = to_fs_path(uri)
        if given is None or not uri.startswith("file:"):
            return None
        path = Path(os.path.realpath(given))
        directory = next((one for one in path.parents if (one / _CONF).is_file()), None)
        if directory is None or not (directory in self.guides or self._is_guide(directory)):
            return None
        if directory not in self.guides:
            self.guides[directory] = self._open(directory)
        return self.guides[directory], path.relative_to(directory).as_posix()

    def _is_guide(self, directory: Path) -> bool:
        named = _EXTENSION in (_content(directory / _CONF) or "")
        return self.unmarked or named or (directory / _CLUSTER).is_file()

    def state_of(self, uri: str) -> tuple[GuideState, str] | None:
        """Return what is known of the guide of a file, and its path there."""
        found = self.guide_of(uri)
        return (found[0].state, found[1]) if found else None

    def uri_of(self, state: GuideState, path: str) -> str:
        """Return the URI of a file of a guide, as the editor writes it."""
        where = Path(os.path.normpath(state.directory / path))
        return self.uris.get(where) or where.as_uri()

    def _open(self, directory: Path) -> OpenedGuide:
        state = GuideState(directory)

        def told(news: Told) -> None:
            self.publish(state, state.take(news))
            opened.news.set()
            opened.news = asyncio.Event()

        def ended(why: str) -> None:
            told(Told(findings={_CONF: (Found(1, why, "server", error=True),)}, failed=True))

        output = plan_record.directory(directory)
        above = next(one for one in (output, *output.parents) if one.exists())
        if not os.access(above, os.W_OK):
            output = Path(self._kept.enter_context(tempfile.TemporaryDirectory(prefix="runbook-")))
        opened = OpenedGuide(state, Reading(directory, output, self.lenient, told, ended))
        self._read_cluster(state)
        self._read_shared(state)
        window = self.client_capabilities.window
        if window and window.work_done_progress:
            self._progress = asyncio.create_task(self._show_progress(opened))
        return opened

    async def _show_progress(self, opened: OpenedGuide) -> None:
        """Show that the guide is being read for the first time."""
        token = f"runbook {opened.state.directory}"
        news = opened.news
        await self.work_done_progress.create_async(token)
        title = f"Reading {opened.state.directory.name}"
        self.work_done_progress.begin(token, types.WorkDoneProgressBegin(title))
        await news.wait()
        self.work_done_progress.end(token, types.WorkDoneProgressEnd())

    async def caught_up(self, uri: str) -> bool:
        """Wait until an open file was read as it is now; false if that takes too long."""
        if (found := self.guide_of(uri)) is None:
            return False
        guide, path = found
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                version = self.workspace.get_text_document(uri).version or 0
                while guide.state.versions.get(path) != version:
                    await guide.news.wait()
                    version = self.workspace.get_text_document(uri).version or 0
                return True
        return False

    def edited(self, uri: str) -> None:
        """Read a file as the editor shows it now."""
        found = self.guide_of(uri)
        if found is None:
            return
        guide, path = found
        document = self.workspace.get_text_document(uri)
        self.uris[guide.state.directory / path] = uri
        if path == _CLUSTER:
            self._read_cluster(guide.state, document.source)
        if path == shared_source.DOCUMENT:
            self._read_shared(guide.state, document.source)
        guide.reading.edit(Edited(path, document.source, document.version or 0))

    def closed(self, uri: str) -> None:
        """Read a file as it is on the disk."""
        if (found := self.guide_of(uri)) is not None:
            guide, path = found
            self.uris.pop(guide.state.directory / path, None)
            if path == _CLUSTER:
                self._read_cluster(guide.state)
            if path == shared_source.DOCUMENT:
                self._read_shared(guide.state)
            guide.reading.edit(Edited(path))

    def saved(self, uri: str) -> None:
        """Read what depends on a file that has changed on the disk."""
        if (found := self.guide_of(uri)) is None:
            return
        guide, path = found
        if guide.state.is_document(path):
            if guide.state.directory / path not in self.uris:
                guide.reading.edit(Edited(path))
        elif not path.startswith(("build/", "lab/evidence/")):
            # Documents may come to be, and anything else may be read by conf.py.
            if path == _CLUSTER and guide.state.directory / path not in self.uris:
                self._read_cluster(guide.state)
            if path == shared_source.DOCUMENT and guide.state.directory / path not in self.uris:
                self._read_shared(guide.state)
            guide.reading.start_again()

    def stop(self) -> None:
        """End what was started."""
        for guide in self.guides.values():
            guide.reading.stop()
        self._kept.close()

    def _read_shared(self, state: GuideState, text: str | None = None) -> None:
        shown = _content(state.directory / shared_source.PLACE) if text is None else text
        state.shared = definitions(shown or "") or state.shared

    def _read_cluster(self, state: GuideState, text: str | None = None) -> None:
        if text is None and (text := _content(state.directory / _CLUSTER)) is None:
            return
        described, found = cluster_file.read(text)
        state.cluster = described or state.cluster
        state.own[_CLUSTER] = found
        self.publish(state, {_CLUSTER})

    def publish(self, state: GuideState, paths: set[str]) -> None:
        """Send what there is to say about files of a guide."""
        for path in sorted(paths):
            uri = self.uri_of(state, path)
            document = self.workspace.get_text_document(uri)
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(
                    uri,
                    [diagnostic(document, one) for one in state.found(path)],
                    state.versions.get(path) if uri in self.uris.values() else None,
                )
            )


def _content(path: Path) -> str | None:
    """Return the content of a file, `None` if it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
