"""Write the page "What it withstands" from what came of the attacks.

    scripts/withstands.py DIRECTORY

The directory has a file for each attack, as `make attack` writes it; the page goes to the standard
output.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path

_HEAD = """\
What it withstands
==================

The program is attacked by programs. Each tries something else every time, from a seed that repeats
it. ``make attack`` lets them try for an hour and writes this page; ``make test`` lets them try for
some seconds. The attacks are in ``tests/attack``.

The last time was {day}, with the seed {seed}.

.. list-table::
   :header-rows: 1
   :widths: 15 35 35 8 7

   * - Attack
     - What is done
     - What holds
     - Tried
     - Failed
"""
_ROW = """\
   * - {name}
     - {what}
     - {promised}
     - {tried:,}
     - {failed:,}
"""


def main(directory: Path) -> None:
    """Write the page."""
    found = [json.loads(path.read_text()) for path in sorted(directory.glob("*.json"))]
    if not found:
        sys.exit(f"{directory}: no attack was carried out")
    day = datetime.datetime.now(datetime.UTC).date()
    total = sum(one["tried"] for one in found)
    minutes = sum(one["seconds"] for one in found) / 60
    rows = (_ROW.format(**one, failed=len(one["broken"])) for one in found)
    end = f"\nTogether these are {total:,} tries in {minutes:.0f} minutes.\n"
    sys.stdout.write("".join((_HEAD.format(day=day, seed=found[0]["seed"]), *rows, end)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
