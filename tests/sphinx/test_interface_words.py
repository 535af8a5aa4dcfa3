"""The interface's own words: all are in the catalogues, and shown as a language has them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from runbook.sphinx.translation import interface
from tests.support.paths import ROOT


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Leave the words of other tests as they are."""
    yield
    interface.use_language("en")


def test_the_catalogues_have_all_words() -> None:
    """Whoever adds one runs `make translations`."""
    argv = [sys.executable, "scripts/words.py", "--check"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_chinese_has_a_translation_of_each() -> None:
    """None is missing or fuzzy, and none has lost what stands for a value."""
    path = interface.OURS / "zh_CN/LC_MESSAGES/sphinx_runbook.po"
    with path.open("rb") as file:
        for message in read_po(file, locale="zh_CN"):
            if message.id:
                assert message.string, message.id
                assert all(message.string), message.id
                assert not message.fuzzy, message.id
                assert not list(message.check()), message.id


def test_dates_and_durations_are_those_of_the_language() -> None:
    """English as it always was; others as Babel and the catalogue say."""
    assert interface.day("2026-03-01T12:00:00+00:00") == "1 March 2026"
    shown = [interface.duration(seconds) for seconds in (0.2, 89, 600, 9000)]
    assert shown == ["under 1 s", "89 s", "10 min", "2.5 h"]
    interface.use_language("zh_CN")
    assert interface.day("2026-03-01T12:00:00+00:00") == "2026年3月1日"
    shown = [interface.duration(seconds) for seconds in (0.2, 89, 600, 9000)]
    assert shown == ["不到 1 秒", "89 秒", "10 分钟", "2.5 小时"]
    assert interface.ngettext("%s host", "%s hosts", 3) == "3 台主机"
    interface.use_language("de")
    assert interface.day("2026-03-01T12:00:00+00:00") == "1. März 2026"
    assert interface.duration(9000) == "2,5 h"
