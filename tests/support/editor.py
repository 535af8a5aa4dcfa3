"""An editor without a screen: pygls's own client, and the language server as a real process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lsprotocol import types
from pygls.lsp.client import LanguageClient

PATIENCE = 60.0
"""Seconds after which an answer does not come."""

Diagnostics = list[types.Diagnostic]


class Editor:
    """Speaks with `runbook lsp` about the files of one directory; a context manager."""

    def __init__(self, directory: Path, **options: Any) -> None:
        self.directory = directory
        self.texts: dict[str, str] = {}
        self.shown: dict[str, Diagnostics] = {}
        self.messages: list[str] = []
        self.progress: list[str] = []
        self.log = ""
        self._options = options
        self._versions: dict[str, int] = {}
        self._news = asyncio.Event()
        self._runner = asyncio.Runner()
        self.client = LanguageClient("editor", "1")

    def __enter__(self) -> Self:
        self._runner.run(self._start())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._runner:
            self._runner.run(self._leave())

    async def _start(self) -> None:
        # pygls has no types for its decorators.
        client: Any = self.client

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)  # type: ignore[untyped-decorator]
        def publish(params: types.PublishDiagnosticsParams) -> None:
            path = os.path.relpath(params.uri.removeprefix("file://"), self.directory)
            self.shown[path] = list(params.diagnostics)
            self._news.set()

        @client.feature(types.WINDOW_SHOW_MESSAGE)  # type: ignore[untyped-decorator]
        def show(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)

        @client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)  # type: ignore[untyped-decorator]
        def create(_: types.WorkDoneProgressCreateParams) -> None: ...

        @client.feature(types.PROGRESS)  # type: ignore[untyped-decorator]
        def progress(params: types.ProgressParams) -> None:
            # It may be any type, so that pygls leaves it as it came.
            value: Any = params.value
            self.progress.append(value["kind"] if isinstance(value, dict) else value.kind)
            self._news.set()

        await self.client.start_io(sys.executable, "-m", "runbook", "lsp")
        self._errors = asyncio.create_task(self._read_errors())
        await self.client.initialize_async(
            types.InitializeParams(
                types.ClientCapabilities(
                    window=types.WindowClientCapabilities(work_done_progress=True)
                ),
                root_uri=self.directory.as_uri(),
                initialization_options=self._options,
            )
        )
        self.client.initialized(types.InitializedParams())

    async def _read_errors(self) -> None:
        assert self.process.stderr is not None
        while data := await self.process.stderr.read(1 << 16):
            self.log += data.decode(errors="replace")

    async def _leave(self) -> None:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.client.shutdown_async(None), PATIENCE)
            self.client.exit(None)
        if self.process.returncode is None:
            await asyncio.wait_for(self.process.wait(), PATIENCE)
        stopped: Any = self.client
        await stopped.stop()
        await self._errors

    @property
    def process(self) -> asyncio.subprocess.Process:
        """The process of the server."""
        process = self.client._server
        assert process is not None
        return process

    def uri(self, path: str) -> str:
        """Return the URI of a file."""
        return (self.directory / path).as_uri()

    def open(self, path: str, text: str | None = None) -> None:
        """Open a file, with what is on the disk or with `text`."""
        self.texts[path] = (self.directory / path).read_text() if text is None else text
        self._versions[path] = 1
        self._runner.run(self._open(path))

    async def _open(self, path: str) -> None:
        item = types.TextDocumentItem(self.uri(path), "restructuredtext", 1, self.texts[path])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def write(self, path: str, text: str) -> None:
        """Let `text` be what an open file contains, without saving it."""
        self.texts[path] = text
        self._versions[path] += 1
        self._runner.run(self._write(path))

    async def _write(self, path: str) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(self._versions[path], self.uri(path)),
                [types.TextDocumentContentChangeWholeDocument(self.texts[path])],
            )
        )

    def settle(self, path: str, text: str) -> None:
        """Let `text` be what an open file contains, and wait until it was read."""
        self.write(path, f"{text}\n.. settle::\n")
        self.until_said(path, "settle")
        self.write(path, text)
        self.until(path, lambda said: not any("settle" in one for one in said))

    def replace(self, path: str, old: str, new: str) -> None:
        """Replace a text that an open file contains once."""
        assert self.texts[path].count(old) == 1
        self.write(path, self.texts[path].replace(old, new))

    def save(self, path: str) -> None:
        """Save an open file."""
        (self.directory / path).write_text(self.texts[path])
        self._runner.run(self._save(path))

    async def _save(self, path: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(document))

    def close(self, path: str) -> None:
        """Close a file, and lose what is not saved."""
        self._runner.run(self._close(path))

    async def _close(self, path: str) -> None:
        document = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(document))

    def until(self, path: str, wanted: Callable[[list[str]], bool]) -> list[str]:
        """Wait until what is shown of a file is as `wanted`, and return it."""
        try:
            return self._runner.run(asyncio.wait_for(self._until(path, wanted), PATIENCE))
        except TimeoutError as error:
            raise AssertionError(f"shown is {self.said(path)}\n{self.log}") from error

    async def _until(self, path: str, wanted: Callable[[list[str]], bool]) -> list[str]:
        while path not in self.shown or not wanted(self.said(path)):
            self._news.clear()
            await self._news.wait()
        return self.said(path)

    def until_said(self, path: str, part: str) -> str:
        """Wait until there is a finding that has `part`, and return it."""
        said = self.until(path, lambda all_: any(part in one for one in all_))
        return next(one for one in said if part in one)

    def until_clean(self, path: str) -> None:
        """Wait until nothing is said of a file."""
        self.until(path, lambda said: not said)

    def said(self, path: str) -> list[str]:
        """Return what is shown of a file, each as `LINE: MESSAGE`, with lines from 1."""
        return [f"{one.range.start.line + 1}: {one.message}" for one in self.shown.get(path, ())]

    def ask(self, request: str, params: Any) -> Any:
        """Return the server's answer to a request."""

        async def asked() -> Any:
            answer = getattr(self.client, f"{request}_async")(params)
            return await asyncio.wait_for(answer, PATIENCE)

        return self._runner.run(asked())
