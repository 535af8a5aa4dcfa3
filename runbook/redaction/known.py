"""The secrets of a run, and a text without them."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets as random
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from attrs import frozen

from runbook.redaction import bases, views
from runbook.redaction.bases import BLANKS
from runbook.redaction.forms import Form, Shape, forms
from runbook.redaction.gaps import EXPANSION, cut_secrets, gap_before, open_gap, without_cut_sign
from runbook.redaction.matches import Beginnings, found, line_end
from runbook.redaction.spans import masked, merged

MASK: Final = b"[secret]"
"""What is shown in place of a secret."""

_DIGEST: Final = 16


_LEAD: Final = b"\x0b"
"""Stands for the rest of a line: it shows nothing, and no line of a dump begins with it."""


@frozen
class Scanned:
    """A text without secrets, and its end that is not decided yet."""

    clean: bytes
    undecided: bytes = b""


class KnownSecrets:
    """The secrets that are known so far; any thread may add one or use them.

    A secret is found however it is split by line breaks, indentation, colours and control
    characters; as it is, in capitals, in the opposite case or backwards; escaped for a URL, JSON,
    XML, a shell or a programming language, also twice; and in base64, base32 or hexadecimal.

    `keep` is called with every secret but the first `secrets`, before anything else happens to it.
    `key` makes the digests by which single secrets are meant, and tells no value without it.
    """

    def __init__(
        self,
        secrets: Iterable[str] = (),
        more: Iterable[str] = (),
        keep: Callable[[str], None] | None = None,
        key: bytes = b"",
    ) -> None:
        self._key = key or random.token_bytes()
        self._lock = threading.Lock()
        self._reader = threading.local()
        self._keep: Callable[[str], None] | None = None
        self._values: dict[str, None] = {}
        self.typed: Final[dict[str, str]] = {}
        self._forms: dict[Shape, tuple[Form, ...]] = {}
        self._beginnings: dict[Shape, Beginnings] = {}
        self._longest = 0
        # Whether a secret looks like an escape itself.
        self._singly = False
        for secret in secrets:
            self.add(secret)
        self._keep = keep
        for secret in more:
            self.add(secret)

    @property
    def values(self) -> tuple[str, ...]:
        """The secrets, in the order in which they became known."""
        return tuple(self._values)

    def digest(self, secret: str) -> str:
        """Return by what a `secret` is meant where its value must not be written."""
        data = secret.encode(errors="surrogateescape")
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()[:_DIGEST]

    def of_digest(self, digest: str) -> str | None:
        """Return the known secret with that digest, `None` if there is none."""
        return next((value for value in self.values if self.digest(value) == digest), None)

    def take(self, name: str, secret: str) -> None:
        """Know the `secret` of that `name`, which a person has typed; it is kept nowhere."""
        self.add(secret, kept=False)
        self.typed[name] = secret

    def add(self, secret: str, *, kept: bool = True) -> bool:
        """Know `secret` from now on; false if it is known already, or shows nothing at all.

        One that is not `kept` is known to nobody afterwards.
        """
        if secret in self._values:
            return False
        # Not under the lock: what is collected as garbage meanwhile may ask for a secret itself.
        spellings = _spellings(secret)
        made = {form for one in spellings for form in forms(one)}
        if not made:
            return False
        with self._lock:
            if secret in self._values:
                return False
            if kept and self._keep is not None:
                self._keep(secret)
            self._values[secret] = None
            known = {*made, *(form for wanted in self._forms.values() for form in wanted)}
            ordered = sorted(known, key=lambda form: (form.text, form.exact))
            by_shape = {
                shape: tuple(form for form in ordered if form.shape is shape)
                for shape in dict.fromkeys(form.shape for form in ordered)
            }
            self._singly = self._singly or len(spellings) > 1
            self._beginnings = {shape: Beginnings.of(wanted) for shape, wanted in by_shape.items()}
            self._longest = max(len(form.text) for form in ordered)
            self._forms = by_shape
        return True

    @contextmanager
    def read_in_clear(self) -> Iterator[None]:
        """Let `scan` leave everything as it is, for what this very thread reads meanwhile.

        Whoever does so must show nothing of it before it is redacted.
        """
        self._reader.in_clear = True
        try:
            yield
        finally:
            self._reader.in_clear = False

    def redact(self, text: str) -> str:
        """Return `text` without secrets."""
        if not self._forms or not text:
            return text
        data = text.encode(errors="surrogatepass")
        spans = merged(self._spans(data))
        return (
            masked(data, spans, len(data), MASK).decode(errors="surrogatepass") if spans else text
        )

    def redact_bytes(self, data: bytes, *, mid_line: bool = False) -> bytes:
        """Return `data` without secrets; the very same object if there are none in it.

        `mid_line` says that it goes on with a line, so that it does not begin as one of a dump.
        """
        lead = _LEAD if mid_line else b""
        spans = merged(self._spans(lead + data))
        return masked(lead + data, spans, len(lead + data), MASK)[len(lead) :] if spans else data

    def appear_in(self, data: bytes) -> bool:
        """Return whether there is a secret in `data`."""
        return any(True for _ in self._spans(data))

    def scan(self, data: bytes, *, mid_line: bool = False) -> Scanned:
        """Return the beginning of `data` without secrets, and what may be the start of one.

        `mid_line` says that it goes on with a line, so that it does not begin as one of a dump.
        """
        if not self._forms or getattr(self._reader, "in_clear", False):
            return Scanned(data)
        if mid_line:
            led = self.scan(_LEAD + data)
            if led.clean:
                return Scanned(led.clean[len(_LEAD) :], led.undecided)
            return Scanned(b"", data)
        spans = merged(self._spans(data))
        end = self._decided(data)
        for first, last in reversed(spans):
            if first < end < last:
                # A part of a secret beside a gap is known by that alone.
                end = gap_before(data, first)
            if bases.is_dump_line(data, end):
                # What comes is understood only with the address that is before it.
                end = min(end, bases.dump_line(data, end))
        return Scanned(masked(data, [one for one in spans if one[1] <= end], end, MASK), data[end:])

    def _spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield from where to where in `data` there is a secret."""
        if not self._forms:
            return
        yield from cut_secrets(data, self._forms, self._longest)
        yield from self._read(data, bases.bases(data))
        for lines in views.dumps(data):
            for first, last in self._read(lines.data, bases.DUMPS):
                # A line that has not ended goes on beyond the text.
                goes_on = last > len(lines.data)
                span = lines.span(first, min(last, len(lines.data)) - 1)
                yield span[0], len(data) + 1 if goes_on else span[1]

    def _read(
        self, data: bytes, readings: Iterable[re.Pattern[bytes]]
    ) -> Iterator[tuple[int, int]]:
        """Yield from where to where in `data` there is a secret, in some of its `readings`."""
        for base in readings:
            unwrapped = bases.without(data, base)
            for text, path in views.resolutions(unwrapped, singly=self._singly):
                for shape, wanted in self._forms.items():
                    seen = views.shaped(text, shape)
                    met = [form for form in wanted if form.text in seen]
                    if not met:
                        continue
                    view = views.view(data, base, path, shape)
                    if base in bases.DUMPS:
                        for first, last in found(view, met):
                            if bases.is_dump_line(data, first):
                                yield first, line_end(data, last)
                    else:
                        yield from found(view, met, data, path)

    def _decided(self, data: bytes) -> int:
        """Return up to where in `data` no secret begins that further data would complete."""
        start = max(0, len(data) - EXPANSION * self._longest)
        tail = data[start:]
        if start and len(tail.translate(None, BLANKS)) < 2 * self._longest:
            start, tail = 0, data
        end = self._begin(tail)
        end = self._begin(data) if start and end == 0 else start + end
        if len(whole := without_cut_sign(tail)) < len(tail):
            end = min(end, start + len(whole), start + self._begin(whole))
        return min(end, open_gap(data, self._forms, self._longest))

    def _begin(self, data: bytes) -> int:
        """Return where in `data` something begins that further data would make a secret."""
        end = min(self._begin_in(data, bases.possible_bases(data)), bases.cut_address(data))
        whole = bases.uncut(data, bases.UNSEQUENCED)
        for lines in views.dumps(whole[: views.incomplete_escape(whole)]):
            place = self._begin_in(lines.data, bases.DUMPS)
            if place < len(lines.data):
                end = min(end, lines.span(place, place)[0])
        return end

    def _begin_in(self, data: bytes, readings: Iterable[re.Pattern[bytes]]) -> int:
        end = bases.dump_line(data)
        for base in readings:
            whole = bases.uncut(data, base)
            if base is bases.PLAIN and self._may_begin(data[len(whole) :]):
                # A form may have these bytes, but not as the ones of what shows nothing.
                end = min(end, len(whole))
            until = views.incomplete_escape
            unwrapped = bases.without(whole, base)
            for text, path in views.resolutions(unwrapped, until, singly=self._singly):
                cut = until(text)
                if cut < len(text):
                    end = min(end, views.view(whole, base, path, Shape.LOWER).span(cut, cut)[0])
                for shape in self._beginnings:
                    seen = views.shaped(text[:cut], shape)
                    if shape is Shape.HEX:
                        # It may be the one of a `0x`.
                        seen = seen.removesuffix(b"0")
                    if size := self._beginnings[shape].at_the_end(seen):
                        view = views.view(whole, base, path, shape)
                        begin = view.span(len(seen) - size, len(seen) - size)[0]
                        if base in bases.DUMPS:
                            begin = bases.dump_line(data, begin)
                        end = min(end, begin)
        return end

    def _may_begin(self, cut: bytes) -> bool:
        """Return whether the first bytes of a character may be those of any form."""
        return bool(cut) and any(one.at_the_end(cut) for one in self._beginnings.values())


def _spellings(secret: str) -> list[str]:
    """Return the secret, and what becomes of it where its own text looks like an escape."""
    data = secret.encode(errors="surrogateescape")
    compact = bases.without(data, bases.PLAIN)
    found = [text for text, path in views.resolutions(data) if path and text != compact]
    return [secret, *(text.decode(errors="surrogateescape") for text in found)]
