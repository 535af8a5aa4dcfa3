"""Files to and from a host through its shell, as base64: no other program, no other channel."""

from __future__ import annotations

import base64
import binascii
import posixpath
from collections.abc import Iterator
from typing import Final

from runbook.bash import nonce, quote
from runbook.errors import RunbookError
from runbook.faults import CommandTimeout, Failure
from runbook.shell import Completed, Shell

LIMIT: Final = 16 * 1024 * 1024
"""Bytes of the largest file that is read."""

_TIMEOUT: Final = 120.0
_BLOCK: Final = 180_000
_ABSENT: Final = 66
_TOO_LARGE: Final = 67

_READ: Final = """(
p={path}
[ -e "$p" ] || [ -L "$p" ] || exit {absent}
[ -f "$p" ] || {{ echo "it is no ordinary file"; exit 1; }}
[ "$(stat -Lc %s -- "$p")" -le {limit} ] || exit {too_large}
base64 -- "$p"
)"""

# On an emulated machine each program that is started takes as long as ten round trips, so what the
# shell can do itself it does: a file that is new takes one program, and one that is there two.
_BEGIN: Final = """__runbook_p={path} __runbook_f=
if [ ! -d {directory} ]; then
  [ -e {directory} ] && echo {directory} "is no directory" ||
  echo "there is no directory" {directory}
  (exit 1)
elif [ -L "$__runbook_p" ] && ! __runbook_p=$(readlink -f -- {path}); then
  echo "it is a link to a place that is not there:" "$(readlink -- {path})"; (exit 1)
elif [ -d "$__runbook_p" ]; then
  echo "it is a directory"; (exit 1)
else
  __runbook_f=${{__runbook_p%/*}}/.runbook.{word}
  if [ -e "$__runbook_p" ] || {guarded}; then (umask 077; : >"$__runbook_f")
  else : >"$__runbook_f"; fi
fi"""

_APPEND_TEXT: Final = 'printf %s {block} >>"$__runbook_f"'
_APPEND: Final = 'printf %s {block} | base64 -d >>"$__runbook_f"'

# A bind-mounted file, as /etc/hosts is in a container, can be rewritten but not replaced.
_END: Final = """{{
if [ -e "$__runbook_p" ]; then
  chmod --reference="$__runbook_p" -- "$__runbook_f" &&
  {{ [ -O "$__runbook_p" -a -G "$__runbook_p" -a -G "$__runbook_f" ] ||
    chown --reference="$__runbook_p" -- "$__runbook_f"; }}
fi &&
{owner} && {mode} &&
if ! mv -fT -- "$__runbook_f" "$__runbook_p" 2>/dev/null; then
  if mountpoint -q -- "$__runbook_p" 2>/dev/null; then
    cat <"$__runbook_f" >"$__runbook_p" && {owner_mounted} && {mode_mounted} &&
    rm -f -- "$__runbook_f"
  else
    mv -fT -- "$__runbook_f" "$__runbook_p"
  fi
fi && unset __runbook_f __runbook_p
}}"""

_FORGET: Final = '[ -z "$__runbook_f" ] || rm -f -- "$__runbook_f"; unset __runbook_f __runbook_p'


def read_file(shell: Shell, path: str) -> bytes | None:
    """Return the content of the file `path`, or `None` if there is none of that name.

    Raises:
        RunbookError: it cannot be read, is no file, or is larger than `LIMIT`.

    """
    script = _READ.format(path=quote(path), absent=_ABSENT, limit=LIMIT, too_large=_TOO_LARGE)
    answer = _ask(shell, script, path, keep=2 * LIMIT)
    if answer.status == _ABSENT:
        return None
    if answer.status == _TOO_LARGE:
        raise RunbookError(f"{shell.host}: {path} is larger than {LIMIT} bytes")
    if answer.status != 0:
        raise RunbookError(f"{shell.host}: {path} cannot be read: {answer.output.strip()}")
    try:
        return base64.b64decode("".join(answer.output.split()), validate=True)
    except binascii.Error as error:
        raise RunbookError(f"{shell.host}: {path} came garbled: {error}") from error


def put(shell: Shell, path: str, data: bytes, *, mode: str | None, owner: str | None) -> None:
    """Make `data` the content of the file `path` at once; see `Session.put`.

    Raises:
        RunbookError: the file cannot be written; the old content is untouched.

    """
    if not posixpath.isabs(path):
        raise RunbookError(f"{shell.host}: {path!r} is not an absolute path")
    chown = f"chown -- {quote(owner)}" if owner else "true"
    chmod = f"chmod -- {quote(mode)}" if mode else "true"
    begin = _BEGIN.format(
        path=quote(path),
        directory=quote(posixpath.dirname(path)),
        word=nonce(),
        # Nobody else reads it before it has the mode that was asked for.
        guarded="true" if mode or owner else "false",
    )
    end = _END.format(
        owner=f'{chown} "$__runbook_f"',
        mode=f'{chmod} "$__runbook_f"',
        owner_mounted=f'{chown} "$__runbook_p"',
        mode_mounted=f'{chmod} "$__runbook_p"',
    )
    scripts = [begin, *_appends(data), end]
    if len(data) <= _BLOCK:
        scripts = [" && ".join(scripts)]
    done = False
    try:
        for script in scripts:
            answer = _ask(shell, script, path)
            if answer.status != 0:
                said = answer.output.strip() or f"exit status {answer.status}"
                raise RunbookError(f"{shell.host}: {path} cannot be written: {said}")
        done = True
    finally:
        if not done and shell.alive:
            _ask(shell, _FORGET, path)


def _appends(data: bytes) -> Iterator[str]:
    if b"\0" not in data and len(data) <= _BLOCK:
        yield _APPEND_TEXT.format(block=quote(data.decode("utf-8", errors="surrogateescape")))
        return
    for start in range(0, len(data), _BLOCK):
        yield _APPEND.format(block=base64.b64encode(data[start : start + _BLOCK]).decode())


def _ask(shell: Shell, script: str, path: str, keep: int = 65536) -> Completed:
    try:
        return shell.execute(script, timeout=_TIMEOUT, keep=keep)
    except CommandTimeout as error:
        raise RunbookError(f"{shell.host}: {path}: {error}") from error
    except Failure as error:
        raise RunbookError(f"{shell.host}: {path}: {error}") from error
