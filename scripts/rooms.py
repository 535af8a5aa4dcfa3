"""Draw the rooms of the code: `make rooms`, and with `--check` fail if the picture is stale.

The contract `rooms` in pyproject.toml gives the levels, the code's imports give the arrows, and
the docstring of each package says what lives there. docs/rooms.svg holds the DOT source it was
drawn from, because the drawing itself differs from one version of Graphviz to another.
"""

from __future__ import annotations

import ast
import html
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import grimp  # import-linter is built on it

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs/rooms.svg"
GUIDE: Final = ROOT / "CONTRIBUTING.md"
_TABLE: Final = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- /rooms -->)", re.DOTALL)
_SOURCE: Final = re.compile(r"<metadata>(.*?)</metadata>\n", re.DOTALL)
_EXCLUDES: Final = re.compile(r"\bnever\b|\bmust not\b|\bnothing (?:here|of)\b", re.IGNORECASE)


def levels() -> list[list[str]]:
    """Return the rooms of each level, the highest level first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (c for c in settings["tool"]["importlinter"]["contracts"] if c["name"] == "rooms")
    return [[room.strip() for room in level.split("|")] for level in contract["layers"]]


def imports(rooms: list[str]) -> dict[str, set[str]]:
    """Return which of `rooms` each of them imports."""
    graph = grimp.build_graph("runbook", cache_dir=None)
    for room in rooms:
        graph.squash_module(f"runbook.{room}")
    return {
        room: {
            other
            for other in rooms
            if other != room
            and graph.direct_import_exists(importer=f"runbook.{room}", imported=f"runbook.{other}")
        }
        for room in rooms
    }


def reduced(imported: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return `imported` without the arrows that follow from others, which would hide the rest.

    The rooms come with the highest level first.
    """
    below: dict[str, set[str]] = {}
    kept: dict[str, set[str]] = {}
    for room, others in reversed(imported.items()):
        further = set().union(*(below.get(other, set()) for other in others))
        below[room] = others | further
        kept[room] = others - further
    return dict(reversed(kept.items()))


def dot() -> str:
    """Return the picture in the DOT language: a row for each level, arrows to what is imported."""
    rows = levels()
    arrows = reduced(imports([room for row in rows for room in row]))
    lines = [
        "digraph rooms {",
        '  graph [bgcolor=white, nodesep=0.4, ranksep=0.35, fontname="sans-serif"];',
        '  node [shape=box, style=rounded, fontname="sans-serif", fontsize=12, height=0.35];',
        "  edge [color=gray40, arrowsize=0.7];",
    ]
    for number, row in enumerate(rows, 1):
        lines.append(f"  level{number} [style=invis, shape=point];")
        lines.append(f"  {{ rank=same; level{number}; {'; '.join(row)} }}")
        if number > 1:
            lines.append(f"  level{number - 1} -> level{number} [style=invis];")
    lines += [
        f"  {room} -> {other};" for room, others in arrows.items() for other in sorted(others)
    ]
    return "\n".join([*lines, "}"]) + "\n"


def svg(source: str) -> str:
    """Return the drawing of DOT `source`, which it holds as its metadata."""
    argv = ["dot", "-Tsvg"]
    drawn = subprocess.run(argv, input=source, capture_output=True, text=True, check=True).stdout
    return drawn.replace("</svg>", f"<metadata>{html.escape(source)}</metadata>\n</svg>")


def table() -> str:
    """Return a row for each room: what its docstring says of its content and its limits."""
    rows = ["| room | what lives there | what stays out |", "| --- | --- | --- |"]
    for room in (room for row in levels() for room in row):
        package = ROOT / "runbook" / room
        path = package / "__init__.py" if package.is_dir() else package.with_suffix(".py")
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        first, *others = re.split(r"(?<=\.)\s+", said)
        excluded = next((one for one in others if _EXCLUDES.search(one)), "")
        name = path.relative_to(ROOT / "runbook").as_posix().removesuffix("__init__.py")
        rows.append(f"| `{name}` | {' '.join(first.split())} | {' '.join(excluded.split())} |")
    return "\n".join(rows) + "\n"


def main(*, check: bool) -> int:
    """Write picture and table, or only compare them with the code; return the exit status."""
    guide = GUIDE.read_text(encoding="utf-8")
    source, renewed = dot(), _TABLE.sub(lambda _: table(), guide)
    if not check:
        PICTURE.write_text(svg(source), encoding="utf-8")
        GUIDE.write_text(renewed, encoding="utf-8")
        return 0
    held = _SOURCE.search(PICTURE.read_text(encoding="utf-8")) if PICTURE.exists() else None
    current = {
        PICTURE: held is not None and html.unescape(held[1]) == source,
        GUIDE: renewed == guide,
    }
    for path, same in current.items():
        if not same:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `make rooms`\n")
    return 0 if all(current.values()) else 1


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
