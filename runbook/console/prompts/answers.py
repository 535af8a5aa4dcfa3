"""What a prompt accepts: its choices, and the default for an empty answer.

The forms are those that installers print: `(Yes, No) [Yes]:`, `(1, 2, 3)[1]:`, `[value]:`,
`[y/N]`, `(yes/no)?` and `(1-4, default 1):`.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

_LIST: Final = re.compile(
    r"\((?P<choices>[^()]*,[^()]*|[^()\s]+)\) ?(?:\[(?P<default>[^\[\]]*)\])?"
)
_SLASHED: Final = re.compile(r"[\[(](?P<choices>\w+(?:/(?:\w+|\[\w+\]))+)[\])]")
_DEFAULT: Final = re.compile(r"\[(?P<default>[^\[\]]*)\] ?[:?]?$")
_STATED: Final = re.compile(r"\((?:[^()]*,\s*)?default:? (?P<default>[^(),]+)\)")
_DEFAULT_END: Final = re.compile(r":? ?\[[^\[\]]*\] ?[:?]?$")
_STATED_END: Final = re.compile(r"\([^()]*\bdefault:? [^()]+\) ?[:?]?$")
_SECRET: Final = re.compile(
    r"(?i)\b(?:password|pass ?phrase|passcode)\b(?: again| for .*)?(?: \([^()]*\))? ?:?$"
)
_COMMANDS: Final = re.compile(r"[>#$%]$|^Command \(|^\.\.\.$|^\(\w+\)$")
_EXAMPLES: Final = re.compile(r"(?i)(?:e\.?g\.?|i\.?e\.?|for example|such as|like)\b")
_REMARK: Final = re.compile(r"\s+(?:-{1,2}|\u2013|\u2014|=)\s.*")
"""What explains one of the choices, as in `Both - not on this platform`."""
_HINT: Final = re.compile(
    r"(?i)\b\w+ (?:to|for) \w+|\benter *(?:=|for\b)|\btype '|(?:Enter|Return) *= *"
)
"""Words in parentheses that say which keys do what, and name no answer."""
_UNIT: Final = re.compile(
    r"(?i)(?:milli)?seconds|minutes|hours|days|weeks|months|years|bits|chars|[KMGT]?i?B(?:ytes)?"
)
_LABEL: Final = re.compile(r"(?i)default\s*(?:[=:]|is)\s*")
_MAY_BE_EMPTY: Final = re.compile(
    r"(?i)\((?:press |hit |just )?"
    r"(?:<?enter>?|return|empty|blank|leave (?:it )?(?:empty|blank))\b[^()]*\)"
)
_PAUSE: Final = re.compile(
    r"(?i)\b(?:press|hit|strike|push|type)\b.*(?:\bkey\b|\benter\b|\breturn\b)"
    r"|\bto continue\b(?![^?]*\?)"
)
_MASK: Final = re.compile(r"[*\u2022\u25cf]+|[xX]{4,}")
_END: Final = re.compile(r"\s*[:?]?\s*$")


@frozen
class AcceptedAnswers:
    """The answers that a prompt accepts: `choices` is empty if any text will do.

    `default` is the value of an empty answer, or `None` if the prompt shows none.
    """

    choices: tuple[str, ...] = ()
    default: str | None = None

    def accepts(self, answer: str) -> bool:
        """Return whether `answer` is one of the choices, ignoring case."""
        if not answer:
            return self.default is not None or not self.choices
        return not self.choices or answer.lower() in (choice.lower() for choice in self.choices)


def accepted_answers(prompt: str) -> AcceptedAnswers:
    """Return what the prompt accepts; its last line is enough."""
    text = " ".join(prompt.split())
    if stated := _STATED.search(text):
        return AcceptedAnswers(default=stated["default"].strip())
    if (slashed := _last(_SLASHED, text)) is not None:
        words = tuple(slashed["choices"].split("/"))
        if any(word.startswith("[") for word in words):
            return AcceptedAnswers()  # one of them is a placeholder for free text
        capital = [word for word in words if word[:1].isupper()]
        return AcceptedAnswers(words, capital[0] if len(capital) == 1 and len(words) > 1 else None)
    if (listed := _last(_LIST, text)) is not None:
        text = listed["choices"]
        apart = "/" if "," not in text and re.fullmatch(r"\w+(?:/\w+)+", text) else ","
        if _HINT.search(text) or _UNIT.fullmatch(text):
            return AcceptedAnswers(default=_value(listed["default"]))
        choices = tuple(_REMARK.sub("", word.strip()) for word in text.split(apart))
        if _EXAMPLES.match(choices[0]):
            return AcceptedAnswers(default=_value(listed["default"]))
        if choices[0].startswith(("/", "~")):
            return AcceptedAnswers(default=choices[0])
        return AcceptedAnswers(choices, _value(listed["default"]))
    default = _DEFAULT.search(text)
    if default is None:
        return AcceptedAnswers(default="" if _MAY_BE_EMPTY.search(text) else None)
    return AcceptedAnswers(default=_value(default["default"]))


def hides_input(prompt: str) -> bool:
    """Return whether the prompt asks for a secret, so that the program does not echo it."""
    text = " ".join(prompt.split())
    return (
        bool(_SECRET.search(text)) and not accepted_answers(text).choices and not text.endswith("?")
    )


def is_mask(answer: str) -> bool:
    """Return whether an answer shows only that there is one, as `********` does."""
    return bool(_MASK.fullmatch(answer.strip()))


def is_pause(prompt: str) -> bool:
    """Return whether the prompt asks for Enter, or for any key, and for no answer."""
    return bool(_PAUSE.search(prompt)) and not accepted_answers(prompt).choices


def is_command_prompt(prompt: str) -> bool:
    """Return whether the prompt is that of an interactive program waiting for commands."""
    return bool(_COMMANDS.search(prompt.strip()))


def without_default(prompt: str) -> str:
    """Return the prompt without its default and trailing colon."""
    prompt = _STATED_END.sub("", _DEFAULT_END.sub("", prompt)).rstrip()
    return prompt[:-1].rstrip() if prompt.endswith(":") else prompt


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the match at the end of the prompt."""
    return next((m for m in pattern.finditer(text) if _END.match(text, m.end())), None)


def _value(text: str | None) -> str | None:
    return None if text is None else _LABEL.sub("", text.strip())
