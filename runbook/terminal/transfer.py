"""Files of a host, read and written over a pipe, so that it works over every connection.

A terminal has other things on it: what a job prints would be taken for a part of the file. What
has arrived is compared by its digest, on the host for what is written, here for what is read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import posixpath
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from runbook.errors import RunbookError
from runbook.terminal.bash import nonce, quote
from runbook.terminal.faults import Failure, HostLost
from runbook.terminal.pipe import Pipe, PipeResult

LIMIT: Final = 16 * 1024 * 1024
"""Maximum size of a file that is read, in bytes."""

_TIMEOUT: Final = 120.0
_OPEN: Final = 30.0
"""Seconds in which there is a pipe."""
_BLOCK: Final = 180_000
_ABSENT: Final = 66
_TOO_LARGE: Final = 67
_DIGEST: Final = re.compile(r"\n([0-9a-f]{64})  -\n\Z")

_READ: Final = """
p={path}
[ -e "$p" ] || [ -L "$p" ] || exit {absent}
[ -f "$p" ] || {{ echo "it is not a regular file" >&2; exit 1; }}
[ "$(stat -Lc %s -- "$p")" -le {limit} ] || exit {too_large}
base64 -w 0 -- "$p" && echo && sha256sum <"$p"
"""

_STAT: Final = "stat -Lc '%a %U:%G %u:%g' -- {path}"

# On an emulated machine, starting a program takes as long as ten round trips. So the shell does
# what it can itself. What follows the first line uses the paths that it prints.
_BEGIN: Final = """p={path} f=
[ -d {directory} ] || {{
  [ -e {directory} ] && echo {directory} "is not a directory" >&2 ||
  echo "there is no directory" {directory} >&2
  exit 1; }}
[ ! -L "$p" ] || p=$(readlink -f -- {path}) || {{
  echo "it is a link to a path that does not exist:" "$(readlink -- {path})" >&2; exit 1; }}
[ ! -d "$p" ] || {{ echo "it is a directory" >&2; exit 1; }}
f=${{p%/*}}/.runbook.{word}
if [ -e "$p" ] || {guarded}; then (umask 077; : >"$f"); else (umask {umask}; : >"$f"); fi ||
exit 1
"""

_APPEND_TEXT: Final = 'printf %s {block} >>"$f"\n'
_APPEND: Final = 'printf %s {block} | base64 -d >>"$f"\n'

# A bind-mounted file, such as /etc/hosts in a container, can be rewritten but not replaced.
_END: Final = """
[ "$(sha256sum <"$f")" = "{digest}  -" ] || {{
  echo "what arrived on the host is not what was sent" >&2; exit 1; }}
if [ -e "$p" ]; then
  chmod --reference="$p" -- "$f" &&
  {{ [ -O "$p" -a -G "$p" -a -G "$f" ] || chown --reference="$p" -- "$f"; }} || exit 1
fi
{owner} "$f" && {mode} "$f" || exit 1
if ! mv -fT -- "$f" "$p" 2>/dev/null; then
  if mountpoint -q -- "$p" 2>/dev/null; then
    cat <"$f" >"$p" && [ "$(sha256sum <"$p")" = "{digest}  -" ] &&
    {owner} "$p" && {mode} "$p" && rm -f -- "$f"
  else
    mv -fT -- "$f" "$p"
  fi
fi
"""

_GUARD: Final = """trap '[ $? = 0 ] || [ -z "$f" ] || rm -f -- "$f"' EXIT
"""


@frozen
class Attributes:
    """The mode of a file in octal digits, and its owner as `user:group`, in names and numbers."""

    mode: str
    names: str
    numbers: str


class Files:
    """The files of a host as one user sees them; any thread may `close` it.

    `argv` starts the bash without a terminal that reads and writes them.
    """

    def __init__(
        self, argv: Sequence[str], *, host: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.host: Final = host
        self._argv = tuple(argv)
        self._environment = environment or {}
        self._lock = threading.Lock()
        self._pipe: Pipe | None = None
        self._closed = False

    def read(self, path: str) -> bytes | None:
        """Return the content of the file `path`, or `None` if it does not exist.

        Raises:
            RunbookError: it cannot be read, is not a regular file, or is larger than `LIMIT`.

        """
        script = _READ.format(path=quote(path), absent=_ABSENT, limit=LIMIT, too_large=_TOO_LARGE)
        done = self._run(script, path)
        if done.status == _ABSENT:
            return None
        if done.status == _TOO_LARGE:
            raise RunbookError(f"{self.host}: {path} is larger than {LIMIT} bytes")
        if done.status != 0:
            raise RunbookError(f"{self.host}: {path} cannot be read: {_why(done)}")
        text = done.stdout.decode("ascii", errors="replace")
        found = _DIGEST.search(text)
        try:
            data = base64.b64decode(text[: found.start()] if found else text, validate=True)
        except binascii.Error as error:
            raise RunbookError(f"{self.host}: {path} was garbled: {error}") from error
        if found is None or hashlib.sha256(data).hexdigest() != found[1]:
            raise RunbookError(f"{self.host}: {path} changed while it was read; try again")
        return data

    def attributes(self, path: str) -> Attributes | None:
        """Return the mode and owner of the file `path`, or `None` if they cannot be read.

        Raises:
            RunbookError: the host cannot be asked.

        """
        done = self._run(_STAT.format(path=quote(path)), path)
        words = done.stdout.decode(errors="replace").split()
        return Attributes(*words) if done.status == 0 and len(words) == 3 else None

    def put(
        self, path: str, data: bytes, *, mode: str | None, owner: str | None, umask: str = "022"
    ) -> None:
        """Replace the content of the file `path` with `data` in one step.

        `mode` is octal text and `owner` is `user:group`; without them a file that is there keeps
        its own, and a new one gets what the `umask` gives. The directory must exist.

        Raises:
            RunbookError: the file cannot be written; its old content is unchanged.

        """
        if not posixpath.isabs(path):
            raise RunbookError(f"{self.host}: {path!r} is not an absolute path")
        begin = _BEGIN.format(
            path=quote(path),
            directory=quote(posixpath.dirname(path)),
            word=nonce(),
            # No other user may read it before it has the requested mode.
            guarded="true" if mode or owner else "false",
            umask=umask,
        )
        end = _END.format(
            digest=hashlib.sha256(data).hexdigest(),
            owner=f"chown -- {quote(owner)}" if owner else "true",
            mode=f"chmod -- {quote(mode)}" if mode else "true",
        )
        if len(data) <= _BLOCK:
            self._do(f"{_GUARD}{begin}{''.join(_appends(data))}{end}", path)
            return
        said = self._do(f'{begin}printf \'%s\\0\' "$p" "$f"', path)
        target, beside = said.decode("utf-8", errors="surrogateescape").split("\0")[:2]
        names = f"p={quote(target)} f={quote(beside)}\n"
        for block in (*_appends(data), end):
            self._do(f"{names}{_GUARD}{block}", path)

    def close(self) -> None:
        """Close the pipe, and open no other. Closing again does nothing."""
        self._closed = True
        pipe = self._pipe
        if pipe is not None:
            pipe.close()

    def _do(self, script: str, path: str) -> bytes:
        done = self._run(script, path)
        if done.status != 0:
            raise RunbookError(f"{self.host}: {path} cannot be written: {_why(done)}")
        return done.stdout

    def _run(self, script: str, path: str) -> PipeResult:
        with self._lock:
            if self._closed:
                raise HostLost(f"{self.host}: the session is closed")
            if not self._argv:
                raise RunbookError(f"{self.host}: there is no way to its files")
            if self._pipe is None or not self._pipe.alive:
                self._pipe = Pipe.open(
                    self._argv, host=self.host, environment=self._environment, timeout=_OPEN
                )
            try:
                return self._pipe.run(script, timeout=_TIMEOUT, limit=2 * LIMIT)
            except HostLost:
                raise
            except Failure as error:
                raise RunbookError(f"{self.host}: {path}: {error}") from error


def _why(done: PipeResult) -> str:
    said = done.stderr.decode("utf-8", errors="backslashreplace").strip()
    return said or f"exit status {done.status}"


def _appends(data: bytes) -> Iterator[str]:
    if b"\0" not in data and len(data) <= _BLOCK:
        yield _APPEND_TEXT.format(block=quote(data.decode("utf-8", errors="surrogateescape")))
        return
    for start in range(0, len(data), _BLOCK):
        yield _APPEND.format(block=base64.b64encode(data[start : start + _BLOCK]).decode())
