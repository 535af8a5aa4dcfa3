"""Blocks that are a file's text: what opens the file, what part of it is shown, what is certain."""

from __future__ import annotations

import re
from typing import Final

from runbook.console.announced import speaks_of
from runbook.console.block import Block
from runbook.console.entries import Entry
from runbook.console.pattern import any_of
from runbook.console.shapes import is_setting
from runbook.console.surroundings import Hints
from runbook.console.verdict import Verdict
from runbook.model import Edit, FileContent, Kind

_EDITOR: Final = re.compile(r"(?:sudo )?(?:vi|vim|nano|emacs|gedit|\$EDITOR) (?P<path>\S+)\Z")
_SHOWN: Final = re.compile(r"(?:sudo )?(?:cat|more|less) (?P<path>[\w./~$+*-]+)\Z")
_KERNEL: Final = re.compile(r"/(?:proc|sys)/")
"""Where files are what the kernel says rather than what somebody wrote."""

_CONFIGURES: Final = re.compile(r"^/etc/|\.(?:conf|config|cfg|cnf|ini|ya?ml|toml|repo|rules)\Z")

_SECTION: Final = re.compile(r"\[(?P<name>[\w:. -]+)\]\s*\Z")
_KEY: Final = re.compile(r"[\w.-]+\s*=\s*\S")
_REMARK: Final = re.compile(r"\s*[#;]")
_LEFT_OUT: Final = any_of(r"^\s*[#;]*\s*(?:\.\.\.|\[\.\.\.\]|\u2026|<snip>)", flags=re.MULTILINE)


def opened(found: Verdict, said: Hints, block: Block) -> Verdict:
    """Return `found`, or the file that an editor or `cat` and the text behind it make up."""
    if not found.entries:
        return found
    last = found.entries[-1]
    if len(found.entries) == 1 and (edits := _EDITOR.match(last.text)):
        path = edits["path"]
        if any(line.strip() for line in last.output):
            reason = f"an editor opens {path}, and its text follows"
            return Verdict(Kind.FILE, 0.85, reason, path=path, partial=True)
        reason = f"an editor opens {path}, which is a person's task"
        return Verdict(Kind.FILE, 0.7, reason, path=path, partial=True)
    if said.looks or said.output or not all(_shows_text(e, said, block) for e in found.entries):
        return found
    path = last.text.split()[-1]
    reason = f"the text of {path} is what matters"
    return Verdict(Kind.FILE, 0.7, reason, path=path, partial=True)


def _shows_text(entry: Entry, said: Hints, block: Block) -> bool:
    """Tell whether `entry` shows a file that somebody has to write."""
    shows = _SHOWN.match(entry.text)
    text = [line for line in entry.output if line.strip()]
    if shows is None or not text or _KERNEL.match(shows["path"]):
        return False
    announced = said.file or said.adds or speaks_of(block.before, "file")
    settings = sum(map(is_setting, text)) > len(text) / 2
    return announced or settings or bool(_CONFIGURES.search(shows["path"]))


def content(found: Verdict, said: Hints, block: Block) -> FileContent | None:
    """Return the file or the edit that a file block certainly is; `None` if it is doubtful."""
    path = found.path or said.path
    if path is None or not path.startswith(("/", "~/")) or said.replaces:
        return None
    if set("<>{}*") & set(path) or _LEFT_OUT.search(block.text):
        return None
    text = block.text.rstrip("\n") + "\n"
    if block.path is None and said.section is not None:
        return _keys(path, said.section, block)
    if found.partial:
        return None
    if block.path is None and said.adds:
        return FileContent(path, text, block.location, Edit.LINES)
    return FileContent(path, text, block.location)


def _keys(path: str, section: str, block: Block) -> FileContent | None:
    """Return the keys that are set in `section`, if the block has nothing else."""
    lines = [line for line in block.text.split("\n") if line.strip()]
    lines = [line for line in lines if not _REMARK.match(line)]
    heading = _SECTION.match(lines[0]) if lines else None
    if heading is not None:
        if heading["name"] != section:
            return None
        lines = lines[1:]
    if not lines or not all(map(_KEY.match, lines)):
        return None
    text = "".join(f"{line.strip()}\n" for line in lines)
    return FileContent(path, text, block.location, Edit.KEYS, section)
