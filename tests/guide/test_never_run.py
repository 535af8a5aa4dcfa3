"""Each check of a step that never runs here is tried: on a right system, and on wrong ones.

The systems are data, in `answers/`; from each right one follow wrong ones, by taking something
away. A check of Enterprise Linux without a try, or with fewer than three wrong systems, is named.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from attrs import define, evolve, field, frozen

from runbook.errors import RunbookError
from runbook.execution.checks import shared_checks
from runbook.execution.checks.check import evaluate
from runbook.execution.hosts.host import HostMap
from runbook.model import Check, FileContent, Runbook, Step
from tests.support.engine_api import PASSWORD, SSH_KEY, Engine
from tests.support.engine_server import answering, encoded
from tests.support.engine_world import ADDRESS, NAMES
from tests.support.paths import ROOT
from tests.support.rest_server import serving
from tests.support.stand_in_host import ADDRESSES, StandInHosts, State, lacking, stand_in_hosts
from tests.support.wrong_systems import derived, merged

ANSWERS = ROOT / "tests/guide/answers"
ENOUGH = 3
PASSWD = "root:x:0:0:root:/root:/bin/bash\n"


@frozen
class Try:
    """Checks of the same kind, a right system, and wrong ones beside those that follow."""

    name: str
    checks: tuple[tuple[str, int], ...]
    good: State
    bad: dict[str, State]
    holds: tuple[str, ...] = ()
    host: str = ""


@define
class SaidEngine(Engine):
    """An engine whose API says what a test said, and beside that what it always says."""

    said: dict[str, str] = field(factory=dict)

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, str]:
        """Return status and XML for what is read at a path below the API."""
        place = path.strip("/")
        if "search" in query and f"{place}@{query['search']}" in self.said:
            return 200, self.said[f"{place}@{query['search']}"]
        return (200, self.said[place]) if place in self.said else super().answer(path, query)


def read(path: Path) -> Iterator[Try]:
    """Yield the tries of a file."""
    for number, one in enumerate(yaml.safe_load(path.read_text())["tries"]):
        ids = [one["checks"]] if isinstance(one["checks"], str) else one["checks"]
        checks = tuple((each.split()[0], int([*each.split(), "0"][1])) for each in ids)
        holds = tuple(one.get("holds", ()))
        name = f"{path.stem}-{number}-{checks[0][0].rpartition('/')[2]}-{checks[0][1]}"
        yield Try(name, checks, one["good"], one.get("bad") or {}, holds, one.get("host", ""))


TRIES = [one for path in sorted(ANSWERS.glob("*.yaml")) for one in read(path)]
ELSEWHERE: dict[str, list[str]] = yaml.safe_load((ANSWERS / "elsewhere.yml").read_text())


def never_run(guide: Runbook) -> Iterator[tuple[Step, int, Check]]:
    """Yield each check of a step for Enterprise Linux alone."""
    for step in guide.steps():
        if step.platforms and all(name.startswith("el") for name in step.platforms):
            for number, check in enumerate(step.checks):
                yield step, number, check


def test_every_check_that_never_runs_is_tried(ovirt_guide: Runbook) -> None:
    """Here, or in another file, where it has its own reasons."""
    asked = {f"{step.id} {number}" for step, number, _ in never_run(ovirt_guide)}
    tried = {f"{step} {number}" for one in TRIES for step, number in one.checks}
    elsewhere = {one for each in ELSEWHERE.values() for one in each}
    assert sorted(asked - tried - elsewhere) == []
    assert sorted((tried | elsewhere) - asked) == [], "these are no checks of the guide"


@pytest.mark.parametrize("file", ELSEWHERE)
def test_what_is_tried_elsewhere_is_there(file: str) -> None:
    """By the name of its step."""
    text = (ROOT / "tests/guide" / file).read_text()
    names = {one.split()[0].rpartition("/")[2] for one in ELSEWHERE[file]}
    assert sorted(name for name in names if name not in text) == []


def test_what_is_imitated_has_a_source_note() -> None:
    """Each file of answers names programs and releases by the files of docs/sources."""
    for path in ANSWERS.glob("*.yaml"):
        named = yaml.safe_load(path.read_text())["imitates"]
        assert named
        assert [one for one in named if not (ROOT / f"docs/sources/{one}.yaml").exists()] == []


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandInHosts]:
    """The hosts of the lab."""
    if why := lacking(tmp_path_factory.mktemp("tried")):
        pytest.skip(why)
    with stand_in_hosts(tmp_path_factory.mktemp("hosts")) as made:
        yield made


@pytest.fixture(scope="module")
def shared() -> shared_checks.SharedChecks:
    """What the guide's checks share."""
    return shared_checks.load(ROOT)


def base(authority: Path) -> dict[str, str]:
    """Return the files that each host has."""
    ca = (authority / "ca.pem").read_text()
    names = [f"192.168.10.{n} {one}.example.com {one}\n" for one, n in ADDRESSES.items()]
    return {
        "/etc/os-release": 'ID="centos"\nVERSION_ID="9"\n',
        "/etc/passwd": PASSWD,
        "/etc/group": "root:x:0:\n",
        "/etc/nsswitch.conf": "hosts: files\npasswd: files\ngroup: files\n",
        "/etc/hosts": "".join([*names, "127.0.0.1 localhost\n"]),
        "/etc/ssl/openssl.cnf": Path("/etc/ssl/openssl.cnf").read_text(),
        "/etc/pki/ovirt-engine/ca.pem": ca,
        "/etc/pki/vdsm/certs/cacert.pem": ca,
    }


@define
class Trial:
    """A check on hosts in one state after another."""

    hosts: StandInHosts
    authorities: tuple[Path, Path]
    shared: shared_checks.SharedChecks
    patch: pytest.MonkeyPatch
    step: Step
    number: int
    host: str

    def holds(self, state: State) -> str | None:
        """Return nothing if the check holds in this state, and else why it does not."""
        check = self.step.checks[self.number]
        # What is the kernel's own is read from a file like the others.
        source = check.source.replace("/proc/", "/pretend/proc/").replace("/sys/", "/pretend/sys/")
        files = {
            path.replace("/proc/", "/pretend/proc/").replace("/sys/", "/pretend/sys/"): text
            for path, text in state.get("files", {}).items()
        }
        instead = files.pop("PROGRAM", None)
        for one in self.step.actions:
            if isinstance(one, FileContent) and "written" in state:
                cut = one.text[: one.text.rindex("(") + 1] if state["written"] == "cut" else instead
                files[one.path] = one.text if state["written"] == "all" else cut
        own, other = self.authorities
        with ExitStack() as stack:
            port = self._answer(stack, state)
            curlrc = "".join(
                f'connect-to = "{name}:{ADDRESS}:{port}"\n'
                for name in state.get("places", [f"{one}:443" for one in NAMES])
            )
            ca = (own / "ca.pem").read_text()
            given = {"{CA}": ca, "{CA76}": encoded(ca), "{KEY}": SSH_KEY}
            given["{OTHER}"] = (other / "ca.pem").read_text()
            given["{SERVER}"] = (own / "cert").read_text()
            files = {path: _filled(told, given) for path, told in files.items()}
            tls = [f"{name} {port}" for name in state.get("tls", ())]
            state = {**state, "files": files, "tls": tls}
            self.hosts.become(state, {"/root/.curlrc": curlrc, **base(own)})
            first = self.host or next((one for one in self.step.on if one in ADDRESSES), "gs2")
            try:
                result = evaluate(
                    evolve(check, source=source), HostMap(self.hosts.live), first, self.shared
                )
            except RunbookError as error:
                return f"unknown: {error}"
        assert result.asserts or not result.held, "the check asserts nothing"
        return None if result.held else result.detail

    def _answer(self, stack: ExitStack, state: State) -> int:
        """Let the engine, or another server, answer; return its port, or one where nobody is."""
        own, other = self.authorities
        kind = state.get("authority", "own")
        self.patch.setenv("RUNBOOK_ENGINE_URL", f"https://{ADDRESS}:1/ovirt-engine")
        if kind == "none" or not {"web", "api", "tls"} & set(state):
            return 1
        authority = other if kind == "other" else own
        if "api" in state:
            engine = SaidEngine(said=dict(state["api"]), user=state.get("user", Engine().user))
            engine.password = state.get("password", PASSWORD)
            url = stack.enter_context(answering(engine, authority, ADDRESS, 0))
            self.patch.setenv("RUNBOOK_ENGINE_URL", url)
            return int(url.rpartition(":")[2].partition("/")[0])
        web = {path: tuple(told) for path, told in (state.get("web") or {}).items() if told}
        port = stack.enter_context(serving(web, authority, ADDRESS, state.get("login", "")))
        self.patch.setenv("RUNBOOK_ENGINE_URL", f"https://{ADDRESS}:{port}/ovirt-engine")
        return port


def _filled(told: Any, given: dict[str, str]) -> Any:  # text, or a mapping with one
    if isinstance(told, dict) and told.get("text") in given:
        return {**told, "text": given[told["text"]]}
    return given.get(told, told) if isinstance(told, str) else told


@pytest.mark.parametrize(
    ("typed", "status", "said"),
    [
        ("systemctl is-active nobody", 3, "inactive"),
        ("systemctl is-enabled nobody", 1, "No such file or directory"),
        ("systemctl is-enabled off", 1, "disabled"),
        ("systemctl frobnicate off", 1, "Unknown command verb"),
        ("service nobody status", 1, "unrecognized service"),
        ("service off status", 3, "off is stopped"),
        ("chkconfig --list nobody", 1, "error reading information on service"),
        ("rpm -q nobody", 1, "package nobody is not installed"),
        ("virsh list --all", 64, "nothing was said of"),
        ("virsh -r list", 0, "aaa"),
    ],
)
def test_a_stand_in_is_no_kinder_than_the_real_one(
    hosts: StandInHosts, authorities: tuple[Path, Path], typed: str, status: int, said: str
) -> None:
    """It knows no unit, package or argument that nobody told it, and fails as the real one does."""
    told = {"services": {"off": "off"}, "programs": {"virsh": {"args": "-r list", "out": "aaa"}}}
    hosts.become(told, base(authorities[0]))
    done = hosts.live["gs2"].pipe().run(typed, timeout=20)
    assert (done.status, said in f"{done.stdout!r}{done.stderr!r}") == (status, True), done


@pytest.mark.parametrize("one", TRIES, ids=lambda one: one.name)
def test_a_right_system_is_green_and_each_wrong_one_is_red(
    one: Try,
    hosts: StandInHosts,
    authorities: tuple[Path, Path],
    shared: shared_checks.SharedChecks,
    ovirt_guide: Runbook,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With all that follows from the right one, there are at least three wrong ones."""
    monkeypatch.setenv("RUNBOOK_SECRET_ENGINE_ADMIN", PASSWORD)
    steps = {step.id: step for step in ovirt_guide.steps()}
    seen: set[str] = set()
    passed: list[str] = []
    for step, number in one.checks:
        source = steps[step].checks[number].source
        if source in seen:
            continue
        seen.add(source)
        trial = Trial(hosts, authorities, shared, monkeypatch, steps[step], number, one.host)
        assert (why := trial.holds(one.good)) is None, f"{step} {number}: {why}"
        wrong = {**dict(derived(one.good, source)), **one.bad}
        for pattern in one.holds:
            assert fnmatch.filter(wrong, pattern), (pattern, sorted(wrong))
            wrong = {name: wrong[name] for name in wrong if not fnmatch.fnmatchcase(name, pattern)}
        assert len(wrong) >= ENOUGH, f"{step} {number}: only {sorted(wrong)}"
        holding = [
            name for name, change in wrong.items() if trial.holds(merged(one.good, change)) is None
        ]
        passed += [f"{step} {number}: {name}" for name in holding]
    assert passed == [], "wrong systems that a check takes for right"
