"""What a translation changes is named, and what it may change is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbook.lint.translations import catalogue, terms
from runbook.lint.translations.catalogue import Translation
from runbook.lint.translations.findings import Expected, message_problems, translation_findings
from runbook.lint.translations.parts import changes
from runbook.lint.translations.readme import readme_findings
from runbook.lint.translations.style import style_problems
from tests.support.paths import ROOT

TERMS = {"engine": ("引擎",), "storage domain": ("存储域",), "cluster": ("集群",)}
LOCALE = ROOT / "docs/locale/zh_CN"

PARTS = st.one_of(
    st.from_regex(r"``[a-z][a-z0-9 /=-]{1,12}[a-z0-9]``", fullmatch=True),
    st.from_regex(r":(doc|ref|step|secret|file):`[a-z]{2,8}(/[a-z]{2,6})?`", fullmatch=True),
    st.from_regex(r":(term|ref):`[a-z]{3,8} <[a-z]{3,8}>`", fullmatch=True),
    st.from_regex(r"\|[a-z]{2,8}(-[a-z]{2,8})?\|", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{0,3}(\.[0-9]{1,2})?", fullmatch=True),
    st.from_regex(r"(/[a-z]{2,8}){2,3}", fullmatch=True),
    st.from_regex(r"--[a-z]{2,8}(-[a-z]{2,8})?", fullmatch=True),
    st.from_regex(r"[a-z]{2,5}[1-9]", fullmatch=True),
    st.from_regex(r"[a-z]{2,8}\.example\.com", fullmatch=True),
    st.from_regex(r"`text <https?://[a-z]{2,8}\.example/[a-z]{1,6}>`__", fullmatch=True),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_translation_must_not_change_is_named(data: st.DataObject) -> None:
    """Any literal, role, value, number, path, option, host or link; in any order all is well."""
    parts = data.draw(st.lists(PARTS, min_size=1, max_size=6))
    original = "Do " + ", then ".join(parts) + ", and look."
    shuffled = data.draw(st.permutations(parts))
    assert not list(changes(original, "先做 " + " ，然后 ".join(shuffled) + " ，再看。"))
    number = data.draw(st.integers(0, len(parts) - 1))
    other = data.draw(PARTS.filter(lambda part: _meaning(part) != _meaning(parts[number])))
    mutated = [*parts[:number], other, *parts[number + 1 :]]
    assert list(changes(original, "先做 " + " ，然后 ".join(mutated) + " ，再看。"))
    fewer = [*parts[:number], *parts[number + 1 :]]
    assert list(changes(original, "先做 " + " ，然后 ".join(fewer) + " ，再看。"))


def _meaning(part: str) -> str:
    """A part without the text that is for readers."""
    if "<" in part:
        return part.partition("`")[0] + part.partition("<")[2]
    return part


@pytest.mark.parametrize(
    ("original", "translated"),
    [
        ("It takes two minutes.", "需要 2 分钟。"),
        ("a quarter of an hour", "15 分钟"),
        ("Copy ``a`` to ``b``, and remove ``a``.", "把 ``a`` 复制到 ``b`` ，再删除 ``a`` 。"),
        ("See `the site <https://x.example>`__.", "见 `网站 <https://x.example>`__ 。"),
        ("The :term:`engine` runs.", ":term:`引擎 <engine>` 在运行。"),
        ("Password of admin@internal:", "Password of admin@internal:（admin@internal 的密码）"),
        ("one and/or the other, e.g. at night", "其一，或其他，例如夜里"),
    ],
)
def test_what_a_translation_may_do_is_not_named(original: str, translated: str) -> None:
    """Digits for words, another order, the text of a link, an explanation beside a quotation."""
    assert not list(changes(original, translated))


@pytest.mark.parametrize(
    ("original", "translated", "said"),
    [
        ("15 minutes", "5 分钟", "it has the number 5 in place of 15"),
        ("Use ``gs1``.", "使用 ``gs2`` 。", "it has the literal ``gs2`` in place of ``gs1``"),
        (
            "See :doc:`/docs/a`.",
            "见 :doc:`文档 </docs/b>` 。",
            "it has the role :doc:`/docs/b` in place of :doc:`/docs/a`",
        ),
        ("On |gateway|.", "在网关上。", "it lacks the value |gateway|"),
        (
            "Ask gs1 with --force.",
            "用 --yes 询问 gs1。",
            "it has the name --yes in place of --force",
        ),
    ],
)
def test_a_change_is_named_with_both(original: str, translated: str, said: str) -> None:
    """What stands there, and what should."""
    assert said in list(changes(original, translated))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("启动引擎,然后等待。", ""),
        ("启动引擎, 然后等待。", "punctuation is full-width"),
        ("启动engine。", "a space goes between"),
        ("运行``ls``。", "markup is lost"),
        ("运行 ``ls``（列出）。", "markup is lost"),
        ("引擎(也叫管理端)。", "parentheses around Chinese"),
        ("启动 ，等待。", "no space goes beside"),
        ("运行 ``ls`` ，再看 *状态* ；见 :doc:`a` 。", "no space goes beside"),
        ("运行 ``ls``，再看 *状态*；见 :doc:`a`。", ""),
    ],
)
def test_how_chinese_is_written(text: str, said: str) -> None:
    """Punctuation, spaces, and markup that would be lost."""
    found = list(style_problems("zh_CN", text))
    assert any(said in one for one in found) if said else not found
    assert not list(style_problems("fr", text))


def test_terms_are_those_of_the_language() -> None:
    """The longest counts, a word of another meaning is excused, and English may stay."""
    problems = terms.term_problems
    assert list(problems(TERMS, "The engine and its cluster", "发动机及其集群")) == [
        "'engine' is translated as 引擎"
    ]
    assert not list(problems(TERMS, "Storage domains", "存储域"))
    assert not list(problems(TERMS, "The engine", "engine 程序"))
    assert not list(problems(TERMS, "A file's clusters", "簇", ["not a term: cluster"]))


def problems(original: str, translated: str, **more: object) -> list[str]:
    """The kinds of what is odd in a translation."""
    expected = Expected("zh_CN", {}, TERMS, {"Go on? "})
    one = Translation(original, translated, 1, **more)  # type: ignore[arg-type]
    return [f"{kind.value}: {text}" for kind, text in message_problems(one, expected)]


def test_what_is_missing_or_outdated_is_told_with_the_english() -> None:
    """The old and the new, so that a translator sees what changed."""
    assert problems("New text", "") == ['untranslated: it is not translated: "New text"']
    (said,) = problems("Wait 5 minutes", "等 3 分钟", fuzzy=True, previous="Wait 3 minutes")
    assert 'from "Wait 3 minutes" to "Wait 5 minutes"' in said
    (said,) = problems("Go on? ", "继续？")
    assert "does not quote the question" in said


def test_renewing_loses_nothing_and_is_stable(tmp_path: Path) -> None:
    """A changed message keeps its translation, marked; one that is gone is kept at the end."""
    path = tmp_path / "x.po"
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "The engine starts on the first host."\nmsgstr "引擎在第一台宿主机上启动。"\n\n'
        'msgid "Gone for good"\nmsgstr "没有了"\n',
        encoding="utf-8",
    )
    messages = ["A new one", "The engine starts on the second host.", "Known elsewhere"]
    known = {"Known elsewhere": "别处已有"}
    text = catalogue.renew(path, "zh_CN", messages, known, "Guide")
    path.write_text(text, encoding="utf-8")
    assert "20" not in text.replace("gb2312", "")
    found = {one.original: one for one in catalogue.read(path).translations}
    changed = found["The engine starts on the second host."]
    assert (changed.fuzzy, changed.previous) == (True, "The engine starts on the first host.")
    assert changed.translated == "引擎在第一台宿主机上启动。"
    assert found["Known elsewhere"].translated == "别处已有"
    assert [one.translated for one in catalogue.read(path).obsolete] == ["没有了"]
    assert catalogue.renew(path, "zh_CN", messages, known, "Guide") == text
    pruned = catalogue.renew(path, "zh_CN", messages, known, "Guide", prune=True)
    assert "没有了" not in pruned


def test_findings_are_at_the_line_of_the_catalogue(tmp_path: Path) -> None:
    """Missing files and messages, obsolete ones, and changes."""
    (tmp_path / "a.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Use ``ls``."\nmsgstr "使用 ``rm``。"\n\nmsgid "Old"\nmsgstr "旧"\n',
        encoding="utf-8",
    )
    messages = {Path("a"): ["Use ``ls``.", "New"], Path("b"): ["Else"]}
    found = [
        str(one)
        for one in translation_findings(tmp_path, Expected("zh_CN", messages, {}), tmp_path)
    ]
    assert [one.split(": ")[0] for one in found] == ["a.po:4", "a.po:7", "a.po:1", "b.po:1"]
    assert "[translation]" in found[0]
    assert "[obsolete-translation]" in found[1]
    assert "[untranslated]" in found[2]


def test_a_mutated_catalogue_of_the_guide_is_named() -> None:
    """Every translation of the guide that loses its first literal or number."""
    loaded = terms.load(LOCALE / terms.TERMS)
    expected = Expected("zh_CN", {}, loaded)
    path = LOCALE / "LC_MESSAGES/docs/storage/nfs.po"
    tried = 0
    for one in catalogue.read(path).translations:
        assert not [text for _kind, text in message_problems(one, expected) if one.translated]
        if "``" in one.translated:
            tried += 1
            before, _, rest = one.translated.partition("``")
            mutated = Translation(one.original, f"{before}``other{rest[2:]}", one.line)
            assert any("literal" in text for _kind, text in message_problems(mutated, expected))
    assert tried > 10


README = """\
# Program

Run `make` in 5 minutes, see [the manual](docs/x.rst).

```sh
make  # build it
```
"""


def test_a_translated_readme_is_compared_block_by_block(tmp_path: Path) -> None:
    """Code but for its remarks, literals, links, numbers; and sections that changed since."""
    (tmp_path / "README.md").write_text(README)
    chinese = tmp_path / "README.zh-CN.md"

    def found(text: str) -> list[str]:
        chinese.write_text(text, encoding="utf-8")
        return [
            f"{one.location.line} {one.message}" for one in readme_findings(tmp_path, "zh_CN", {})
        ]

    good = (
        "# 程序\n<!-- translated: 000000000000 -->\n\n"
        "用 5 分钟运行 `make` ，见 [手册](docs/x.rst)。\n\n```sh\nmake  # 构建\n```\n"
    ).replace(" ，", "，")
    (said,) = found(good)
    digest = said.partition("translated: ")[2][:12]
    good = good.replace("0" * 12, digest)
    assert not found(good)
    assert "literal" in found(good.replace("`make`", "`rm`"))[0]
    assert "docs/y.rst" in found(good.replace("x.rst", "y.rst"))[0]
    assert "number 15 in place of 5" in found(good.replace("5 分钟", "15 分钟"))[0]
    assert "the code differs" in found(good.replace("make  #", "make all  #"))[0]
    assert "only one of the two has the code" in found(good.partition("```")[0])[0]
    (tmp_path / "README.md").write_text(README.replace("Run", "Always run"))
    assert "has changed since it was translated" in found(good)[0]
