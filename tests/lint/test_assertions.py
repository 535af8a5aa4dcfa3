"""A check that holds whatever the hosts are like asserts nothing; one that may fail is a check."""

from __future__ import annotations

import pytest

from runbook.lint.assertions import asserts_nothing
from runbook.model import Runbook

SHARED = """
import json

def ask(path):
    return host.run("cat %s", path)

def say(path):
    print(ask(path).stdout.strip())

def must(path):
    assert ask(path).rc == 0

def indirectly(path):
    for one in hosts.values():
        must(path)

def around(n):
    if n:
        around(n - 1)

def parsed(path):
    return json.loads(ask(path).stdout)
"""


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# later",
        "x = 1",
        "import json",
        "host.file('/x').exists",
        "host.run('systemctl is-active x')",
        "host.run('x').rc == 0",
        "hosts['gs1'].service('x').is_running",
        "assert True",
        "assert 'the file is there'",
        "assert 1 == 1",
        "assert (host.run('x').rc == 0, 'it ran')",
        "assert [host.file('/x').exists]",
        "assert host.file('/x')",
        "assert host.run('x'), 'it ran'",
        "assert hosts['gs1'].service('x')",
        "assert host.file",
        "assert host.file('/x').mode == 0o644 or 0o600",
        "assert True and (1, 2)",
        "assert f'mode {host}'",
        "out = host.run('x')\nlines = out.stdout.strip().splitlines()\nprint(len(lines))",
        "for h in hosts.values():\n    h.run('x')",
        "for name, h in hosts.items():\n    print(name, h.file('/x').exists)",
        "[line.split() for line in host.run('x').stdout.splitlines()][1:]",
        "import re\nre.search('a', host.run('x').stdout)",
        "try:\n    assert host.file('/x').exists\nexcept AssertionError:\n    pass",
        "try:\n    host.check_output('x')\nexcept:\n    print('no')",
        "import contextlib\nwith contextlib.suppress(Exception):\n    host.check_output('x')",
        "def unused():\n    assert host.file('/x').exists",
        "lambda: host.check_output('x')",
        "with host.sudo():\n    host.run('x')",
        "say('/x')",
        "ask('/x')",
        "around(3)",
        "def mine():\n    say('/x')\nmine()",
    ],
)
def test_a_check_that_cannot_fail_asserts_nothing(source: str) -> None:
    """Values that nobody looks at, conditions that are always true, errors that are caught."""
    assert asserts_nothing(source, SHARED)


@pytest.mark.parametrize(
    "source",
    [
        "assert host.file('/x').exists",
        "assert host.run('x').rc == 0",
        "assert not host.file('/x').exists, 'it is still there'",
        "assert all(h.file('/x').exists for h in hosts.values())",
        "assert host.file('/x').mode in (0o644, 0o600)",
        "assert host.socket.get_listening_sockets()",
        "assert host.exists('x')",
        "assert []",
        "assert False",
        "assert (*host.run('x').stdout.split(),)",
        "host.check_output('x')",
        "hosts['gs1'].run_expect([0, 2], 'x')",
        "out = host\nout.check_output('x')",
        "for h in hosts.values():\n    h.check_output('x')",
        "host.process.get(comm='x')",
        "if host.run('x').rc:\n    raise ValueError",
        "if host.run('x').rc:\n    pytest.fail('no')",
        "pytest.skip('later')",
        "import json\njson.loads(host.run('x').stdout)",
        "int(host.run('x').stdout)",
        "host.run('x').stdout.split()[2]",
        "name, size = host.run('x').stdout.split()",
        "for name, size in [line.split() for line in host.run('x').stdout.splitlines()]: pass",
        "import re\nre.search('a', host.run('x').stdout).group()",
        "with pytest.raises(ValueError):\n    host.run('x')",
        "try:\n    host.check_output('x')\nexcept ValueError:\n    pass",
        "try:\n    host.run('x')\nexcept Exception:\n    pass\nelse:\n    assert host.exists('x')",
        "must('/x')",
        "indirectly('/x')",
        "parsed('/x')",
        "print(parsed('/x'))",
        "nobody_knows('/x')",
        "def mine():\n    must('/x')\nmine()",
        "assert (",
    ],
)
def test_a_check_that_may_fail_is_a_check(source: str) -> None:
    """Also if only something that it calls may fail, however far away."""
    assert not asserts_nothing(source, SHARED)


def test_every_check_of_the_guide_asserts_something(ovirt_guide: Runbook) -> None:
    """What its checks share is not needed to see that."""
    checks = [check for step in ovirt_guide.steps() for check in step.checks]
    assert len(checks) > 300
    assert [str(check.location) for check in checks if asserts_nothing(check.source)] == []
