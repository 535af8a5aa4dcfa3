"""Commands that leave a job running in the background of their shell."""

from __future__ import annotations

import re
from typing import Final

from runbook.shelltext.parsing.lexer import masked

_STARTS: Final = re.compile(r"(?<![&<>|])&(?![&>])|^\s*coproc\s|[;&|({]\s*coproc\s", re.MULTILINE)


def starts_job(text: str) -> bool:
    """Return whether shell `text` seems to start a job with `&`.

    That a function or script starts one cannot be seen. An `&` of arithmetic counts as well.
    """
    return ("&" in text or "coproc" in text) and _STARTS.search(masked(text)) is not None
