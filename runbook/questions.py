"""What a program's question offers: the choices, and the default that an empty answer takes.

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
    r"(?i)\b(?:password|passphrase|passcode)\b(?: again| for .*)?(?: \([^()]*\))? ?:?$"
)
_COMMANDS: Final = re.compile(r"[>#$%]$|^Command \(|^\.\.\.$")
_END: Final = re.compile(r"\s*[:?]?\s*$")


@frozen
class Offer:
    """What a prompt offers: `choices` is empty if any text will do.

    `default` is what an empty answer takes; `None` if the prompt names none.
    """

    choices: tuple[str, ...] = ()
    default: str | None = None

    def accepts(self, answer: str) -> bool:
        """Return whether `answer` is a whole word among the choices, in any case of letters."""
        if not answer:
            return self.default is not None or not self.choices
        return not self.choices or answer.lower() in (choice.lower() for choice in self.choices)


def offer(prompt: str) -> Offer:
    """Return what the text of a prompt offers; the last line is enough."""
    text = " ".join(prompt.split())
    if stated := _STATED.search(text):
        return Offer(default=stated["default"].strip())
    if (slashed := _last(_SLASHED, text)) is not None:
        words = tuple(slashed["choices"].split("/"))
        if any(word.startswith("[") for word in words):
            return Offer()  # one of them stands for a text of one's own
        capital = [word for word in words if word[:1].isupper()]
        return Offer(words, capital[0] if len(capital) == 1 and len(words) > 1 else None)
    if (listed := _last(_LIST, text)) is not None:
        choices = tuple(word.strip() for word in listed["choices"].split(","))
        if choices[0].startswith(("/", "~")):
            return Offer(default=choices[0])
        return Offer(choices, _value(listed["default"]))
    default = _DEFAULT.search(text)
    return Offer(default=_value(default["default"]) if default else None)


def hides(prompt: str) -> bool:
    """Return whether a prompt asks for a secret, so that a program hides what is typed."""
    text = " ".join(prompt.split())
    return bool(_SECRET.search(text)) and not offer(text).choices and not text.endswith("?")


def is_for_commands(prompt: str) -> bool:
    """Return whether a prompt asks for the next command, again and again."""
    return bool(_COMMANDS.search(prompt.strip()))


def core(prompt: str) -> str:
    """Return the prompt without its default and the colons around it."""
    prompt = _STATED_END.sub("", _DEFAULT_END.sub("", prompt)).rstrip()
    return prompt[:-1].rstrip() if prompt.endswith(":") else prompt


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the match after which nothing but the end of a prompt follows."""
    return next((m for m in pattern.finditer(text) if _END.match(text, m.end())), None)


def _value(text: str | None) -> str | None:
    return None if text is None else text.strip()
