"""The requests and notifications of the protocol that the server answers."""

from __future__ import annotations

from typing import Any, Final

from lsprotocol import types

from runbook.language_server import requests
from runbook.language_server.server import RunbookServer

_WATCHED: Final = "**/*.{rst,md,txt,inc,py,yaml,yml}"
"""The files that a guide is made of, as an editor has to watch them."""


def serve() -> None:
    """Serve an editor on standard input and output until it leaves."""
    server = RunbookServer()
    _register(server)
    try:
        server.start_io()
    finally:
        server.stop()


def _register(server: RunbookServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        options: Any = params.initialization_options
        if isinstance(options, dict):
            server.lenient = options.get("lenient") is True
            server.unmarked = options.get("unmarked") is True

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        workspace = server.client_capabilities.workspace
        watching = workspace.did_change_watched_files if workspace else None
        if watching and watching.dynamic_registration:
            options = types.DidChangeWatchedFilesRegistrationOptions(
                [types.FileSystemWatcher(_WATCHED)]
            )
            await server.client_register_capability_async(
                types.RegistrationParams(
                    [
                        types.Registration(
                            "watched", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options
                        )
                    ]
                )
            )

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        server.edited(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        server.edited(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        server.saved(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        server.closed(params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def did_change_watched_files(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            server.saved(change.uri)

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions([":", "|", "<", "`", "/", "!", "."]),
    )
    def completion(params: types.CompletionParams) -> types.CompletionList:
        return types.CompletionList(False, requests.completions(server, params))

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> types.Location | None:
        return requests.definition(server, params)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        return requests.hover(server, params)

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(
            [types.CodeActionKind.QuickFix, types.CodeActionKind.RefactorRewrite]
        ),
    )
    async def code_action(params: types.CodeActionParams) -> list[types.CodeAction]:
        # A change that was made for an earlier text would destroy this one.
        if not await server.caught_up(params.text_document.uri):
            return []
        return requests.code_actions(server, params)

    @server.feature(types.SHUTDOWN)
    def shutdown(_: Any) -> None:
        server.stop()
