"""Blocks that show the text of a file: its path, and whether it is the whole file or an edit.

A block is the whole file only if words say so; everything else may be an excerpt.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from runbook.console.block import Block
from runbook.console.classification import Classification
from runbook.console.clues import file_words
from runbook.console.clues.announced import last_sentence, mentions
from runbook.console.clues.context import Context
from runbook.console.clues.shapes import is_setting
from runbook.console.entries import Entry
from runbook.console.used_paths import UsedPaths
from runbook.model import Edit, FileContent, Kind
from runbook.shelltext.pattern import any_of

_EDITOR: Final = re.compile(r"(?:sudo )?(?:vi|vim|nano|emacs|gedit|\$EDITOR) (?P<path>\S+)\Z")
_SHOWN: Final = re.compile(r"(?:sudo )?(?:cat|more|less) (?P<path>[\w./~$+*-]+)\Z")
_KERNEL: Final = re.compile(r"/(?:proc|sys)/")
"""Kernel interfaces, whose files nobody writes by hand."""

_CONFIGURES: Final = re.compile(r"^/etc/|\.(?:conf|config|cfg|cnf|ini|ya?ml|toml|repo|rules)\Z")

_SECTION: Final = re.compile(r"\s*\[(?P<name>[\w:. -]+)\]\s*\Z")
_KEY: Final = re.compile(r"(?P<key>[\w.-]+)\s*=\s*\S")
_WORD_AND_VALUE: Final = re.compile(r"(?P<key>[A-Za-z]\w*)\s+\S")
_WITHOUT_SIGNS: Final = re.compile(r"/sshd?_config(?:\.d/[^/]*)?\Z")
"""Files whose settings are a word and its value."""

_WITH_SECTIONS: Final = re.compile(
    r"\.(?:ini|cnf|repo|service|socket|timer|mount|path|target|network|netdev|desktop)\Z"
)
"""Files in which a setting without its section means nothing."""

_PLAIN: Final = any_of(
    r"\A/etc/(?:default|sysconfig|sysctl\.d|selinux|libvirt|ssh)/",
    r"\A/etc/(?:sysctl\.conf|environment|login\.defs|os-release)\Z",
    r"\.(?:properties|env)\Z",
)
"""Files of settings that have no sections."""

_COMMENT: Final = re.compile(r"\s*[#;]")
_LEFT_OUT: Final = any_of(r"^\s*[#;]*\s*(?:\.\.\.|\[\.\.\.\]|\u2026|<snip>)", flags=re.MULTILINE)
_NOT_ALONE: Final = any_of(
    r"\s",  # belongs to the line above
    r"[{}()\[\]<]",  # opens or closes something
    r".*[{\[(,\\]\s*\Z",
    r"[\w.-]+:\s*\Z",
    r"- ",
    r"#!",
)
"""Lines that mean something only among others."""

_ORDERED: Final = any_of(r"-[AI] [A-Z]", r"(?:auth|account|password|session)\s", r"\d+\s")
"""Lines of files that are read from the top to the bottom: of a firewall, of PAM."""

_NEVER: Final = any_of(r"/(?:dev|proc|sys|var/log)/", r".*\.log(?:\.\d+|\.gz)?\Z", r".*/\Z")
"""Devices, interfaces of the kernel, logs, directories."""

_SYSTEM: Final = any_of(
    r"/etc/[^/]+\Z",
    r"/etc/(?:sysconfig|default|pam\.d|ssh|security|network|selinux|lvm|iscsi|libvirt)/.*(?<!\.d)\Z",
    r"/etc/(?P<program>[a-z]+)\d?/(?:[^/]+/)?(?P=program)d?\d?\.(?:conf|cfg|cnf|ini|ya?ml|toml)\Z",
    r"/(?:boot|usr(?!/local)|lib|lib64|bin|sbin)/",
    r"(?:~|/root|/home/[^/]+)/\.(?:\w*rc|\w*profile|ssh/\w+)\Z",
)
"""Files that are there before anybody writes them."""

_IN_D: Final = re.compile(r"\.d/[^/]+\Z")
_REPLACES_SYSTEM: Final = 0.7
_SOMEWHERE: Final = 0.6
"""Highest confidence in lines to add of which the place in the file matters."""

_NO_WORDS: Final = "no words say that this is the whole file, so it is not written"


@frozen
class FileEdits:
    """What a file block changes, with the reason; nothing if that is uncertain."""

    contents: tuple[FileContent, ...] = ()
    reason: str = ""
    confidence: float = 1.0


def as_file(found: Classification, context: Context, block: Block) -> Classification:
    """Return `found`, or a file block if an editor or `cat` followed by text stands for a file."""
    if not found.entries:
        return found
    last = found.entries[-1]
    if len(found.entries) == 1 and (edits := _EDITOR.match(last.text)):
        path = edits["path"]
        if any(line.strip() for line in last.output):
            reason = f"an editor opens {path}, followed by its text"
            return Classification(Kind.FILE, 0.85, reason, path=path, partial=True)
        reason = f"an editor opens {path}, which needs a person"
        return Classification(Kind.FILE, 0.7, reason, path=path, partial=True)
    if (
        context.inspects
        or context.output
        or not all(_shows_text(e, context, block) for e in found.entries)
    ):
        return found
    path = last.text.split()[-1]
    reason = f"the block shows the text of {path}"
    return Classification(Kind.FILE, 0.7, reason, path=path, partial=True)


def _shows_text(entry: Entry, context: Context, block: Block) -> bool:
    """Return whether `entry` shows a file that the reader has to write."""
    shows = _SHOWN.match(entry.text)
    text = [line for line in entry.output if line.strip()]
    if shows is None or not text or _KERNEL.match(shows["path"]):
        return False
    announced = context.file or context.adds or mentions(block.before, "file")
    settings = sum(map(is_setting, text)) > len(text) / 2
    return announced or settings or bool(_CONFIGURES.search(shows["path"]))


def file_edits(found: Classification, context: Context, block: Block, used: UsedPaths) -> FileEdits:
    """Return the edits that a file block describes, with the highest confidence in them."""
    path = found.path or context.path
    if path is None or not path.startswith(("/", "~/")) or context.replaces:
        return FileEdits()
    if set("<>{}*$") & set(path) or _LEFT_OUT.search(block.text):
        return FileEdits()
    sentence = _about(path, block.before)
    if why := _untouchable(path, block.before, used):
        return FileEdits(reason=why)
    if file_words.says_example(sentence):
        return FileEdits(reason="the text calls it an example")
    # An editor or `cat` in the block shows a part of the file, whatever is said.
    shown = found.path is not None
    if not shown and block.path is None and context.section is not None:
        contents = _keys(path, block, context.section)
        return FileEdits(contents, "settings of a section" if contents else "")
    if context.adds or file_words.says_add(sentence, path):
        return FileEdits() if shown else _added(path, block, sentence)
    if not shown and file_words.says_whole(sentence, path):
        return _whole(path, block)
    if not shown and file_words.says_set(sentence, path):
        return _set(path, block)
    return FileEdits(reason=_NO_WORDS)


def _about(path: str, before: str) -> str:
    """Return the last sentence before the block, from the one that names the file on."""
    last = last_sentence(before)
    if path in last or path not in before:
        return last
    start = before.rfind(path)
    return last_sentence(before[:start] + path) + before[start + len(path) :]


def _untouchable(path: str, before: str, used: UsedPaths) -> str:
    """Return why nobody edits `path` as a file, or an empty text."""
    if _NEVER.match(path):
        return f"{path} is not a file that a person writes"
    if used.is_directory(path) or file_words.says_directory(before, path):
        return f"{path} is a directory"
    if used.is_run(path) or file_words.says_run(before, path):
        return f"{path} is a program that the text runs"
    return ""


def _whole(path: str, block: Block) -> FileEdits:
    content = FileContent(path, block.text.rstrip("\n") + "\n", block.location)
    if _SYSTEM.match(path) and not _IN_D.search(path):
        reason = f"it would replace {path}, which the system may have"
        return FileEdits((content,), reason, _REPLACES_SYSTEM)
    return FileEdits((content,), "words say that this is the whole file")


def _added(path: str, block: Block, sentence: str) -> FileEdits:
    """Return the lines to add, or the settings if they are in sections."""
    lines = [line for line in block.text.split("\n") if line.strip()]
    if any(map(_SECTION.match, lines)):
        contents = _keys(path, block, None)
        return FileEdits(contents, "the text says to add these settings" if contents else "")
    if not lines or any(map(_NOT_ALONE.match, lines)) or len(set(lines)) < len(lines):
        return FileEdits(reason="where these lines belong in the file is left to a person")
    text = "".join(f"{line.rstrip()}\n" for line in lines)
    content = FileContent(path, text, block.location, Edit.LINES)
    if any(map(_ORDERED.match, lines)) or file_words.says_where(sentence, path):
        reason = "lines are added at the end, but their place in the file matters"
        return FileEdits((content,), reason, _SOMEWHERE)
    return FileEdits((content,), "the text says to add these lines")


def _set(path: str, block: Block) -> FileEdits:
    """Return the settings to change; of a file that may have sections, these should be shown."""
    contents = _keys(path, block, None)
    if any(one.section is None for one in contents) and not _PLAIN.search(path):
        reason = "settings are changed, but in which section of the file is not shown"
        return FileEdits(contents, reason, _SOMEWHERE)
    return FileEdits(contents, "the text says to change these settings" if contents else "")


def _keys(path: str, block: Block, section: str | None) -> tuple[FileContent, ...]:
    """Return the keys to set, by section, if the block has nothing else.

    With `section`, all keys are in that one.
    """
    pattern = _WORD_AND_VALUE if _WITHOUT_SIGNS.search(path) else _KEY
    by_section: dict[str | None, list[str]] = {}
    at = section
    for line in block.text.split("\n"):
        if not line.strip() or _COMMENT.match(line):
            continue
        if heading := _SECTION.match(line):
            if section is not None and heading["name"] != section:
                return ()
            at = heading["name"]
        elif pattern.match(line):
            by_section.setdefault(at, []).append(line.strip())
        else:
            return ()
    if None in by_section and _WITH_SECTIONS.search(path):
        return ()
    found = []
    for name, lines in by_section.items():
        keys = [shown["key"] for line in lines if (shown := pattern.match(line))]
        if len(set(keys)) < len(keys):
            return ()  # one that has several values
        text = "".join(f"{line}\n" for line in lines)
        found.append(FileContent(path, text, block.location, Edit.KEYS, name))
    return tuple(found)
