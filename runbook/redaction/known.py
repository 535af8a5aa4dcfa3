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

from runbook.redaction import views
from runbook.redaction.forms import BLANKS, Form, Shape, forms
from runbook.redaction.spans import masked, merged

MASK: Final = b"[secret]"
"""What is shown in place of a secret."""

_DIGEST: Final = 16
_LEFT_OUT: Final = b"..."
"""What pytest and we ourselves write where a text is shortened."""
_CUT: Final = 4
"""Bytes of a secret beside that which are taken for a part of it."""
_SHORT: Final = 300
"""Bytes of a form up to which all its beginnings are remembered."""
_EXPANSION: Final = 8
"""How many times longer than a form its text may be, before all of a text is looked at."""


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
        self._beginnings: dict[Shape, tuple[frozenset[bytes], tuple[bytes, ...], int]] = {}
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
        with self._lock:
            spellings = _spellings(secret)
            found = {form for one in spellings for form in forms(one)}
            if secret in self._values or not found:
                return False
            if kept and self._keep is not None:
                self._keep(secret)
            self._values[secret] = None
            known = {*found, *(form for wanted in self._forms.values() for form in wanted)}
            ordered = sorted(known, key=lambda form: (form.text, form.exact))
            made = {
                shape: tuple(form for form in ordered if form.shape is shape)
                for shape in dict.fromkeys(form.shape for form in ordered)
            }
            self._singly = self._singly or len(spellings) > 1
            self._beginnings = {shape: _beginnings(wanted) for shape, wanted in made.items()}
            self._longest = max(len(form.text) for form in ordered)
            self._forms = made
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
        spans = merged((*self._spans(data), *self._cut_spans(data)))
        return (
            masked(data, spans, len(data), MASK).decode(errors="surrogatepass") if spans else text
        )

    def redact_bytes(self, data: bytes) -> bytes:
        """Return `data` without secrets; the very same object if there are none in it."""
        spans = merged(self._spans(data))
        return masked(data, spans, len(data), MASK) if spans else data

    def appear_in(self, data: bytes) -> bool:
        """Return whether there is a secret in `data`."""
        return any(True for _ in self._spans(data))

    def _cut_spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield where a part of a secret stands next to what was left out of a text."""
        longest = self._longest
        for gap in re.finditer(re.escape(_LEFT_OUT), data):
            start = max(0, gap.start() - _EXPANSION * longest)
            for view, wanted in self._views(data[start : gap.start()]):
                if (size := max(_begun(view.data, form.text) for form in wanted)) >= _CUT:
                    place = len(view.data) - size
                    yield start + view.span(place, place)[0], gap.start()
            for view, wanted in self._views(data[gap.end() : gap.end() + _EXPANSION * longest]):
                seen = view.data[::-1]
                if (size := max(_begun(seen, form.text[::-1]) for form in wanted)) >= _CUT:
                    yield gap.end(), gap.end() + view.span(0, size - 1)[1]

    def _views(self, data: bytes) -> Iterator[tuple[views.View, tuple[Form, ...]]]:
        """Yield all views of `data`, each with the forms to search for in it."""
        for base in views.bases(data):
            for _, path in views.resolutions(views.without(data, base)):
                for shape, wanted in self._forms.items():
                    yield views.view(data, base, path, shape), wanted

    def scan(self, data: bytes) -> Scanned:
        """Return the beginning of `data` without secrets, and what may be the start of one."""
        if not self._forms or getattr(self._reader, "in_clear", False):
            return Scanned(data)
        spans = merged(self._spans(data))
        end = self._decided(data)
        for first, last in reversed(spans):
            if first < end < last:
                end = first
            if views.is_dump_line(data, end):
                # What comes is understood only with the address that is before it.
                end = min(end, views.dump_line(data, end))
        return Scanned(masked(data, [one for one in spans if one[1] <= end], end, MASK), data[end:])

    def _spans(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield from where to where in `data` there is a secret."""
        for base in views.bases(data) if self._forms else ():
            unwrapped = views.without(data, base)
            for text, path in views.resolutions(unwrapped, singly=self._singly):
                for shape, wanted in self._forms.items():
                    seen = views.shaped(text, shape)
                    met = [form for form in wanted if form.text in seen]
                    if not met:
                        continue
                    view = views.view(data, base, path, shape)
                    if base in views.DUMPS:
                        for first, last in _found(view, met):
                            if views.is_dump_line(data, first):
                                yield first, _line_end(data, last)
                    else:
                        yield from _found(view, met, data, path)

    def _decided(self, data: bytes) -> int:
        """Return up to where in `data` no secret begins that further data would complete."""
        start = max(0, len(data) - _EXPANSION * self._longest)
        tail = data[start:]
        if start and len(tail.translate(None, BLANKS)) < 2 * self._longest:
            start, tail = 0, data
        end = self._begin(tail)
        return self._begin(data) if start and end == 0 else start + end

    def _begun(self, seen: bytes, shape: Shape) -> int:
        """Return how many bytes at the end of `seen` are the longest beginning of any form."""
        beginnings, long, most = self._beginnings[shape]
        sizes = range(min(most, len(seen)), 0, -1)
        short = next((size for size in sizes if seen[-size:] in beginnings), 0)
        return max((short, *(_begun(seen, text) for text in long)))

    def _begin(self, data: bytes) -> int:
        """Return where in `data` something begins that further data would make a secret."""
        end = views.dump_line(data)
        for base in views.possible_bases(data):
            whole = views.uncut(data, base)
            until = views.incomplete_escape
            unwrapped = views.without(whole, base)
            for text, path in views.resolutions(unwrapped, until, singly=self._singly):
                cut = until(text)
                if cut < len(text):
                    end = min(end, views.view(whole, base, path, Shape.LOWER).span(cut, cut)[0])
                for shape in self._beginnings:
                    seen = views.shaped(text[:cut], shape)
                    if shape is Shape.HEX:
                        # It may be the one of a `0x`.
                        seen = seen.removesuffix(b"0")
                    if size := self._begun(seen, shape):
                        view = views.view(whole, base, path, shape)
                        begin = view.span(len(seen) - size, len(seen) - size)[0]
                        if base in views.DUMPS:
                            begin = views.dump_line(data, begin)
                        end = min(end, begin)
        return end


def _spellings(secret: str) -> list[str]:
    """Return the secret, and what becomes of it where its own text looks like an escape."""
    found = views.resolutions(secret.encode(errors="surrogateescape"))
    return [secret, *(text.decode(errors="surrogateescape") for text, path in found if path)]


def _beginnings(wanted: Iterable[Form]) -> tuple[frozenset[bytes], tuple[bytes, ...], int]:
    """Return the beginnings of short forms, the long forms, and how long a beginning can be."""
    short = [form.text for form in wanted if len(form.text) <= _SHORT]
    long = tuple(form.text for form in wanted if len(form.text) > _SHORT)
    beginnings = frozenset(text[:size] for text in short for size in range(1, len(text)))
    return beginnings, long, max((len(text) - 1 for text in short), default=0)


def _begun(seen: bytes, wanted: bytes) -> int:
    """Return how many bytes at the end of `seen` are a beginning, but not all, of `wanted`."""
    tail = seen[1 - len(wanted) :] if len(wanted) > 1 else b""
    place = tail.find(wanted[:1])
    while place >= 0:
        if wanted.startswith(tail[place:]):
            return len(tail) - place
        place = tail.find(wanted[:1], place + 1)
    return 0


def _found(
    view: views.View, wanted: Iterable[Form], data: bytes | None = None, path: views.Path = ()
) -> Iterator[tuple[int, int]]:
    """Yield from where to where in the text of a `view` there is any of the forms.

    If `data`, the text, is given, a short secret must have its blanks.
    """
    for form in wanted:
        place = view.data.find(form.text)
        while place >= 0:
            first, last = view.span(place, place + len(form.text) - 1)
            if data is None or _is_exact(data[first:last], form, path):
                yield first, last
            place = view.data.find(form.text, place + 1)


def _line_end(data: bytes, place: int) -> int:
    """Return where the line with that place ends: beyond the end of data that does not end it."""
    end = data.find(b"\n", place)
    return end if end >= 0 else len(data) + 1


def _is_exact(data: bytes, form: Form, path: views.Path) -> bool:
    """Return whether `data`, which is `form` but for blanks, has the blanks of a short secret."""
    if not form.exact:
        return True
    shown = views.strictly(data, path)
    return any(views.strictly(one) in shown for one in form.exact)
