"""Placeholders: what nobody can type as it stands."""

from __future__ import annotations

import pytest

from runbook.lint import FindingKind
from runbook.lint.consent import consent_reasons
from runbook.lint.findings import findings
from runbook.model import Kind, Reading
from runbook.shelltext.placeholders import DocumentPlaceholders, placeholders
from tests.support.steps import step as marked
from tests.support.unmarked import at, commands, plan, unmarked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("tool ... x", ("...",)),
        ("tool x …", ("…",)),
        ("tool --name=.....", (".....",)),
        ("tool [...]", ("[...]",)),
        ("cd /usr/src/...", ("/usr/src/...",)),
        ("cat /path/to/file", ("/path/to/file",)),
        ("cat '/path/to/a file'", ("/path/to/a",)),
        ("tool --key path/to/key.pem", ("path/to/key.pem",)),
        ("cat </path/to/x>", ("</path/to/x>", "/path/to/x")),
        ("ssh YOURUSERNAME@gs1", ("YOURUSERNAME",)),
        ("ssh USERNAME@gs1", ("USERNAME",)),
        ("mount THAT_PARTITION /mnt", ("THAT_PARTITION",)),
        ("tool YOUR-DOMAIN", ("YOUR-DOMAIN",)),
        ("fdisk -l /dev/sdX", ("/dev/sdX",)),
        ("fdisk -l /dev/sdX1", ("/dev/sdX1",)),
        ("fdisk -l /dev/sdx", ("/dev/sdx",)),
        ("fdisk -l /dev/nvmeXn1", ("/dev/nvmeXn1",)),
        ("fdisk -l /dev/YOUR_DISK", ("YOUR_DISK", "/dev/YOUR_DISK")),
        ("ip link show ethX", ("ethX",)),
        ("ping 192.168.1.x", ("192.168.1.x",)),
        ("ping x.x.x.x", ("x.x.x.x",)),
        ("tar xf tool-x.y.z.tar.gz", ("x.y.z",)),
        ("tool --password xxxxxx", ("xxxxxx",)),
    ],
)
def test_what_nobody_would_call_a_real_thing_is_a_placeholder(
    text: str, left: tuple[str, ...]
) -> None:
    """Elisions, example paths, devices and addresses."""
    assert set(placeholders(text)) == set(left)
    assert {one for one in left if one in DocumentPlaceholders().of([text])}


@pytest.mark.parametrize(
    "text",
    [
        "cat <<EOF > f\nx\nEOF",
        "cat << EOF > f\nx\nEOF",
        "sort </etc/in >/etc/out",
        "go test ./...",
        'echo "..."',
        "mktemp /tmp/a.XXXXXX",
        "curl http://a.example/path/to/x",
        "export PATH=$PATH:/opt/bin",
        "unset OS_AUTH_URL OS_PASSWORD",
        "export OS_TOKEN",
        "fdisk -l /dev/sda1",
        "xxd x",
        "chmod u+x,g+x f",
        "lsblk -o NAME,UUID",
        "python3 -m unittest",
        "sysctl net.ipv4.conf.all.rp_filter",
    ],
)
def test_what_only_looks_like_a_placeholder_is_typed(text: str) -> None:
    """Here-documents, redirections, patterns of names, variables of the shell."""
    assert placeholders(text) == ()
    assert DocumentPlaceholders().of([text]) == ()


def reasons(*texts: str) -> tuple[str, ...]:
    """Return why an unmarked step with these commands needs consent."""
    step = unmarked("one", *texts)
    listed = DocumentPlaceholders().of(texts)
    block = Reading(
        step.id, at(1), Kind.COMMANDS, 0.95, commands=texts, step=step.id, placeholders=listed
    )
    return consent_reasons(plan(step, blocks=(block,))).get(step.id, ())


def test_an_id_that_nothing_sets_must_be_filled_in() -> None:
    """As a variable; unless it is assigned, or a file is read that may assign it."""
    assert reasons("virsh start $VM_ID") == ("$VM_ID must be filled in",)
    assert reasons("openstack server show ${server_id}") == ("${server_id} must be filled in",)
    assert reasons("VM_ID=3", "virsh start $VM_ID") == ()
    assert reasons("source admin-openrc", "openstack server show $SERVER_ID") == ()
    assert reasons("echo $HOME $VERBOSE") == ()


def test_a_step_with_an_example_path_does_not_run_unasked() -> None:
    """And a here-document is no placeholder."""
    assert reasons("cp a /path/to/b") == ("/path/to/b must be filled in",)
    assert reasons("cat <<EOF > f\na\nEOF") == ()


def test_lint_reports_them_in_marked_steps_as_well() -> None:
    """At their line; a name in capitals may be a value of the operator."""
    guide = plan(marked("one", "ls \\\n  /path/to/x"), marked("two", "tool ADMIN_PASS"))
    (found,) = findings(guide)
    first = guide.chapters[0].steps[0].actions[0].location.line
    assert (found.kind, found.location.line) == (FindingKind.PLACEHOLDER, first + 1)
    (found,) = findings(commands("fdisk -l /dev/sdX"))
    assert found.kind is FindingKind.PLACEHOLDER
