"""What a sentence says of the file whose text follows it: all of it, lines to add, settings.

Most blocks that follow the name of a file are excerpts. Only words that say so make one the whole
file. In the sentences here, `PATH` stands for the path.
"""

from __future__ import annotations

import re
from typing import Final

from runbook.shelltext.pattern import any_of

_THING: Final = (
    r"(?:files?|scripts?|(?:systemd|service|socket|timer|mount) units?|playbooks?|manifests?"
    r"|templates?|inventory|dockerfile|PATH)"
)
_CREATES: Final = any_of(
    # create a file; not: create a user in the file
    rf"\b(?:creat(?:e|es|ing)|writ(?:e|es|ing)|generat(?:e|es|ing)|make)\b"
    rf"(?P<between>(?:(?!\b(?:in|into|inside|within|to|sure|that)\b)[^.;]){{0,60}}?)\b{_THING}\b",
    rf"\b(?:a|an|another|new)\b[^.;]{{0,30}}\b{_THING}\b[^.;]{{0,60}}"
    r"\b(?:with|containing)\b[^.;]{0,20}\b(?:following|this|these)\b",
    r"\b(?:save|store|copy|write)\b[^.;]{0,40}\b(?:following|this|these|it|below|script|text)\b"
    r"[^.;]{0,30}\b(?:as|to|in|into|under)\b[^.;]{0,40}PATH",
    r"\bcontents?\b[^.;]{0,20}PATH[^.;]{0,20}\b(?:should|must|needs? to|ha(?:s|ve) to)\b",
    r"(?:创建|新建|编写)[^\u3002\uff1b]{0,40}(?:文件|脚本|PATH)",
    flags=re.IGNORECASE,
)
_ALL: Final = any_of(
    r"\b(?:whole|entire|complete|full)\b[^.;]{0,20}\b(?:file|contents?|PATH)\b",
    r"\b(?:replace|overwrite)\b[^.;]{0,30}\bcontents?\b[^.;]{0,60}\b(?:with|by)\b",
    r"\b(?:replace|overwrite)\b (?:the )?(?:file )?PATH\b[^.;]{0,20}\b(?:with|by)\b",
    r"\bin its entirety\b",
    flags=re.IGNORECASE,
)
_PART: Final = any_of(
    r"\b(?:edit|modif|chang|updat|adjust|uncomment|add|append|insert|extend|amend|includ)\w*\b",
    r"\b(?:section|stanza|excerpt|snippet|parts?|portion|relevant|entr(?:y|ies)|backup)\b",
    r"\b(?:similar|samples?|something|existing|already|at least|e\.g|looks? like|like this)\b",
    r"\bexamples?\b(?!\.)",
    r"\band\b[^.;]{0,80}\b(?:in|into|to)\s+(?:the |a |your )?(?:file )?PATH",
    r"编辑|修改|添加|追加|增加|加入|改为|例如|类似",
    flags=re.IGNORECASE,
)
_EXCERPT: Final = re.compile(
    r"\b(?:parts?|portions?|excerpts?|snippets?|sections?|relevant|examples?)\b", re.IGNORECASE
)
_ADDS: Final = any_of(
    r"\b(?:add|append|insert|includ)\w*\b[^.;]{0,60}\b(?:following|this|these|lines?|entr(?:y|ies)"
    r"|settings?|options?|parameters?|contents?|text)\b",
    r"添加|追加|增加|加入",
    flags=re.IGNORECASE,
)
_SETS: Final = any_of(
    r"\b(?:set|chang|edit|modif|adjust|updat|configur|uncomment|enabl|disabl)\w*\b",
    r"\b(?:ensure|make sure|turn (?:on|off))\b",
    r"修改|设置|改为|编辑",
    flags=re.IGNORECASE,
)
_EDITS: Final = re.compile(
    r"\b(?:edit|modif|uncomment)\w*\b[^.;]{0,40}PATH[^.;]*\b(?:set|to|so that|as follows|with)\b",
    re.IGNORECASE,
)
_COMMANDS: Final = re.compile(
    r"\b(?:commands?|run|running|execut\w+|using|via|by|use|type|issue)\b", re.IGNORECASE
)
_IN: Final = re.compile(
    r"(?:\b(?:in|into|inside|of|to|edit\w*|modif\w+|chang\w+|updat\w+|configur\w+|adjust\w*|open|file)"
    r"\s+(?:(?:the|your|each)\s+)?(?:(?:configuration\s+)?file\s+)?\W{0,2}|\A\W*|在|编辑|修改|文件\s*)PATH",
    re.IGNORECASE,
)
"""The file is what is changed, not only mentioned."""

_SAMPLE: Final = re.compile(
    r"\b(?:examples?(?!\.)|samples?|similar|something like|e\.g|for instance)\b|例如|类似",
    re.IGNORECASE,
)
_SOMEWHERE: Final = re.compile(
    r"\b(?:add|append|insert|put|place|includ)\w*\b.*?"
    r"(?:\b(?:before|above|below|after|under|beneath|within|inside|between|next to|in front of)\s+"
    r"(?:the|that|this|your|any|all|it|each|\W)|\b(?:top|beginning|start|first|section|stanza)\b)",
    re.IGNORECASE,
)
_RUNS: Final = re.compile(
    r"\b(?:run|runs|running|execut\w+|invok\w+|call|calls|calling|launch\w*|start|starts)\s+"
    r"(?:the\s+)?(?:(?:script|program|command|file|tool|binary)\s+)?\W{0,2}PATH",
    re.IGNORECASE,
)
_DIRECTORY: Final = re.compile(
    r"\b(?:director(?:y|ies)|folders?)\s+\W{0,2}PATH|PATH\W{0,2}\s+(?:directory|folder)\b",
    re.IGNORECASE,
)


def _with_token(sentence: str, path: str) -> str:
    return sentence.replace(path, "PATH")


def says_whole(sentence: str, path: str) -> bool:
    """Return whether `sentence` says that what follows is all that the file contains."""
    sentence = _with_token(sentence, path)
    if _ALL.search(sentence):
        return not _EXCERPT.search(sentence)
    return bool(_CREATES.search(sentence)) and not _PART.search(sentence)


def announces_file(sentence: str, path: str) -> bool:
    """Return whether `sentence` announces the text of the file, and no command."""
    if _COMMANDS.search(sentence):
        return False
    return says_whole(sentence, path) or bool(_EDITS.search(_with_token(sentence, path)))


def says_add(sentence: str, path: str) -> bool:
    """Return whether `sentence` says to add what follows to the file."""
    return bool(_ADDS.search(_with_token(sentence, path)))


def says_set(sentence: str, path: str) -> bool:
    """Return whether `sentence` says to change settings of the file."""
    sentence = _with_token(sentence, path)
    return bool(_SETS.search(sentence)) and ("PATH" not in sentence or bool(_IN.search(sentence)))


def says_example(sentence: str) -> bool:
    """Return whether `sentence` calls what follows an example."""
    return bool(_SAMPLE.search(sentence))


def says_where(sentence: str, path: str) -> bool:
    """Return whether `sentence` says at which place of the file to add something."""
    return bool(_SOMEWHERE.search(_with_token(sentence, path)))


def says_run(text: str, path: str) -> bool:
    """Return whether `text` says to run the file as a program."""
    return bool(_RUNS.search(_with_token(text, path)))


def says_directory(text: str, path: str) -> bool:
    """Return whether `text` calls the path a directory."""
    return bool(_DIRECTORY.search(_with_token(text, path)))
