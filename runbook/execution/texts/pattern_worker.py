"""A process that matches regular expressions for another one, which ends it if it takes too long.

It is run as a script, and imports nothing of ours: it has to be there at once.
"""

from __future__ import annotations

import json
import re
import resource
import sys

SECONDS = 30
"""Processor time after which it is ended even if nobody waits for it any more."""

MEMORY = 512 * 1024 * 1024


def main() -> None:
    """Answer questions, one a line: what a pattern finds in a text, `null` for nothing."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for line in sys.stdin:
        pattern, text, whole = json.loads(line)
        compiled = re.compile(pattern, 0 if whole else re.MULTILINE)
        found = compiled.fullmatch(text) if whole else compiled.search(text)
        answer = None if found is None else [found[0], *found.groups()]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
