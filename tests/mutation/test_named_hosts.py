"""The hosts that a step speaks of: they have to be on for its mutants."""

from __future__ import annotations

import pytest

from runbook.model import FileContent, Step
from runbook.model.shared_source import SharedSource
from runbook.mutation.named_hosts import hosts_named
from tests.support.steps import CLUSTER, PLACE, check, step


@pytest.mark.parametrize(
    ("found", "speaking"),
    [
        ("", step("s", "true", checks=(check("assert host.exists('ls')"),))),
        ("b", step("s", "ping -c1 b")),
        ("b", step("s", "scp b.example.com:/etc/hosts .")),
        ("b", step("s", "curl http://10.9.8.2:80/")),
        ("", step("s", "curl http://10.9.8.20/ ; ping ab; ping a-b; ping 110.9.8.2")),
        ("b", step("s", "true", checks=(check('assert hosts["b"].exists("ls")'),))),
        ("ab", step("s", "true", checks=(check("assert all(hosts)"),))),
    ],
)
def test_names_and_addresses_tell(found: str, speaking: Step) -> None:
    """As words: a part of another name or address is none."""
    assert hosts_named(speaking, CLUSTER.hosts, SharedSource()) == set(found)


def test_the_content_of_a_file_tells_too() -> None:
    """A program reads it."""
    file = FileContent("/etc/peer", "peer b\n", PLACE)
    assert hosts_named(step("s", file), CLUSTER.hosts, SharedSource()) == {"b"}
