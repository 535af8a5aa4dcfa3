"""The answers to an editor's requests, as the protocol has them."""

from __future__ import annotations

from typing import Final, Protocol

from lsprotocol import types
from pygls.workspace import ServerTextPosition, ServerTextRange, TextDocument, Workspace

from runbook.language_server import actions, completion
from runbook.language_server import named as named_
from runbook.language_server.cursor import Cursor
from runbook.language_server.diagnostics import line_range
from runbook.language_server.guide import GuideState
from runbook.language_server.hover import about

_DOCUMENTS: Final = (".rst", ".md", ".txt", ".inc")
"""The suffixes of files that have directives."""


class Documents(Protocol):
    """What knows the documents of an editor, and the guides that they belong to."""

    @property
    def workspace(self) -> Workspace:
        """The documents."""
        ...

    def state_of(self, uri: str) -> tuple[GuideState, str] | None:
        """Return what is known of the guide of a file, and its path there."""
        ...

    def uri_of(self, state: GuideState, path: str) -> str:
        """Return the URI of a file of a guide, as the editor writes it."""
        ...


def completions(documents: Documents, params: types.CompletionParams) -> list[types.CompletionItem]:
    """Return what can stand at a place."""
    if (found := documents.state_of(params.text_document.uri)) is None:
        return []
    guide, path = found
    if not path.endswith(_DOCUMENTS):
        return []
    document = documents.workspace.get_text_document(params.text_document.uri)
    cursor = cursor_at(document, params.position)
    items = completion.completions(cursor, guide, path)
    return [_item(document, cursor, number, one) for number, one in enumerate(items)]


def definition(documents: Documents, params: types.DefinitionParams) -> types.Location | None:
    """Return where the thing is defined that is named at a place."""
    if (found := _named(documents, params)) is None:
        return None
    guide, _, named = found
    location = named_.definition(named, guide)
    if location is None:
        return None
    uri = documents.uri_of(guide, location.document)
    document = documents.workspace.get_text_document(uri)
    return types.Location(uri, line_range(document, location.line))


def hover(documents: Documents, params: types.HoverParams) -> types.Hover | None:
    """Return what is known of the thing that is named at a place."""
    if (found := _named(documents, params)) is None:
        return None
    guide, document, named = found
    said = about(named, guide)
    if not said:
        return None
    line = params.position.line
    return types.Hover(
        types.MarkupContent(types.MarkupKind.Markdown, said),
        document.range_to_client_units(
            ServerTextRange(
                ServerTextPosition(line, named.start), ServerTextPosition(line, named.end)
            )
        ),
    )


def code_actions(documents: Documents, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Return what can be changed at the lines of a range."""
    uri = params.text_document.uri
    if (found := documents.state_of(uri)) is None:
        return []
    guide, path = found
    document = documents.workspace.get_text_document(uri)
    wanted = params.range.start.line, params.range.end.line
    return [
        types.CodeAction(
            change.title,
            types.CodeActionKind.QuickFix if change.fix else types.CodeActionKind.RefactorRewrite,
            edit=types.WorkspaceEdit({uri: [_edit(document, change)]}),
        )
        for change in actions.changes(document.lines, guide, path, wanted)
    ]


def _edit(document: TextDocument, change: actions.Change) -> types.TextEdit:
    text = "".join(f"{line}\n" for line in change.lines)
    first, end = change.first, change.end
    lines = document.lines
    if end >= len(lines) and lines and not lines[-1].endswith("\n"):
        # The last line has no end of its own.
        last = len(lines) - 1
        stop = document.range_to_client_units(
            ServerTextRange(
                ServerTextPosition(last, len(lines[last])),
                ServerTextPosition(last, len(lines[last])),
            )
        ).end
        start = stop if first > last else types.Position(first, 0)
        return types.TextEdit(types.Range(start, stop), f"\n{text}" if first > last else text)
    return types.TextEdit(types.Range(types.Position(first, 0), types.Position(end, 0)), text)


def _named(
    documents: Documents, params: types.DefinitionParams | types.HoverParams
) -> tuple[GuideState, TextDocument, named_.Named] | None:
    if (found := documents.state_of(params.text_document.uri)) is None:
        return None
    guide, path = found
    if not path.endswith(_DOCUMENTS):
        return None
    document = documents.workspace.get_text_document(params.text_document.uri)
    named = named_.named_at(cursor_at(document, params.position), guide, path)
    return (guide, document, named) if named else None


def cursor_at(document: TextDocument, position: types.Position) -> Cursor:
    """Return a place in a document, which is its end if the editor means one behind it."""
    lines = document.lines
    if position.line >= len(lines):
        return Cursor(lines, len(lines), 0)
    place = document.position_from_client_units(position)
    return Cursor(lines, place.line, place.character)


def _item(
    document: TextDocument, cursor: Cursor, number: int, item: completion.Item
) -> types.CompletionItem:
    replaced = document.range_to_client_units(
        ServerTextRange(
            ServerTextPosition(cursor.line, item.start),
            ServerTextPosition(cursor.line, cursor.column),
        )
    )
    said = item.documentation
    return types.CompletionItem(
        item.label,
        kind=item.kind,
        detail=item.detail or None,
        documentation=types.MarkupContent(types.MarkupKind.PlainText, said) if said else None,
        # In our order, which is that of the guide.
        sort_text=f"{number:05}",
        filter_text=item.label,
        text_edit=types.TextEdit(replaced, item.text or item.label),
    )
