"""The rules of a firewall by chain, without the numbers that change by themselves."""

from __future__ import annotations

import re
from typing import Final

_COUNTED: Final = re.compile(r"\bcounter packets \d+ bytes \d+")
_HANDLE: Final = re.compile(r"\s+# handle \d+")
_NUMBERS: Final = re.compile(r"\[\d+:\d+\]\s*")


def nft_chains(text: str) -> dict[str, str]:
    """Return by family, table and chain (or set) its lines, separated by `; `."""
    found: dict[str, list[str]] = {}
    table = name = ""
    for raw in text.splitlines():
        line = _HANDLE.sub("", _COUNTED.sub("counter", raw)).strip()
        depth = (len(raw) - len(raw.lstrip())) // (1 if raw.startswith("\t") else 8)
        if depth == 0 and line.startswith("table "):
            table = line.removeprefix("table ").removesuffix("{").strip()
        elif depth == 1 and line.endswith("{"):
            name = f"{table} {line.removesuffix('{').strip()}"
            found[name] = []
        elif depth >= 2 and name and line:
            found[name].append(line.rstrip(";"))
    # A chain without rules does nothing, and neither does one of the kernel's that accepts all.
    return {
        name: "; ".join(lines)
        for name, lines in found.items()
        if lines and not (len(lines) == 1 and lines[0].endswith("policy accept"))
    }


def iptables_chains(program: str, text: str) -> dict[str, str]:
    """Return by table and chain its policy and rules, as `program`-save prints them."""
    found: dict[str, list[str]] = {}
    table = ""
    for raw in text.splitlines():
        line = _NUMBERS.sub("", raw).strip()
        if line.startswith("*"):
            table = line[1:]
        elif line.startswith(":"):
            chain, _, policy = line[1:].partition(" ")
            found[f"{program} {table} {chain}"] = [f"policy {policy}"] if policy != "-" else []
        elif line.startswith("-A "):
            _, chain, rule = line.split(" ", 2) if line.count(" ") > 1 else (*line.split(), "")
            found.setdefault(f"{program} {table} {chain}", []).append(rule)
    return {
        name: "; ".join(lines) or "empty"
        for name, lines in found.items()
        # A chain of the kernel's that lets everything through is there or not by chance.
        if lines not in ([], ["policy ACCEPT"])
    }
