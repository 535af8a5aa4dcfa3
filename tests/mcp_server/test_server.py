"""An agent follows a guide by the SDK's own client: in order, with consent, and without secrets."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from runbook.results import journal as journals
from runbook.results.log import Deed, LogEntry
from tests.support.guides import DESTROY, Guide, making
from tests.support.waiting import until

mcp = pytest.importorskip("mcp", reason="needs the package mcp (the extra mcp)")
types = pytest.importorskip("mcp.types")

LOG_IN = """
    .. step:: Log in
       :on: box

       .. code-block:: console

          # echo <secret:admin> | tee PLACE/key

       .. check:: the key is there

          assert "mellon-7" in host.file("PLACE/key").content_string
"""
HANG = """
    .. step:: Wait
       :on: box

       .. code-block:: console

          # touch PLACE/waiting; sleep 600

       .. check:: it has waited

          assert host.file("PLACE/done").exists
"""


@asynccontextmanager
async def client(
    guide: Guide,
    *options: str,
    answer: Callable[[str], dict[str, Any] | None] | None = None,
    asked: list[str] | None = None,
    mode: str = "auto",
) -> AsyncIterator[Any]:
    """A client of the server; `answer` is the person who is asked, `asked` keeps the questions."""

    async def elicit(_context: Any, params: Any) -> Any:
        if asked is not None:
            asked.append(params.message)
        content = answer(params.message) if answer else None
        if content is None:
            return types.ElicitResult(action="decline")
        return types.ElicitResult(action="accept", content=content)

    argv = [
        "-m",
        "runbook",
        "mcp",
        str(guide.directory),
        "--lab",
        "local",
        "--who",
        "ann",
        *options,
    ]
    server = mcp.StdioServerParameters(
        command=sys.executable, args=argv, env={**os.environ, "RUNBOOK_SECRET_ADMIN": "mellon-7"}
    )
    me = types.Implementation(name="tester", version="1.0")
    async with mcp.Client(
        server, client_info=me, mode=mode, elicitation_callback=elicit if answer else None
    ) as found:
        yield found


async def call(agent: Any, tool: str, **arguments: Any) -> Any:
    """Return what a tool answers; a refusal is a text that begins with `refused:`."""
    result = await agent.call_tool(tool, arguments)
    if result.is_error:
        return "refused: " + "\n".join(one.text for one in result.content)
    found = result.structured_content
    return found["result"] if set(found) == {"result"} else found


def entries(guide: Guide) -> list[LogEntry]:
    """What the journal says of who did what."""
    reader = journals.read(guide.results / "journal.jsonl")
    return [one for run in reader.runs.values() for one in run.told if isinstance(one, LogEntry)]


def agree(_question: str) -> dict[str, Any]:
    """A person who agrees to everything, and types no names."""
    return {"agree": True}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_guide_is_followed_in_order_and_with_consent(tmp_path: Path, mode: str) -> None:
    """Both ways in which the protocol asks a person; the journal says who called for whom."""
    guide = Guide(tmp_path, making("one"), making("two"))
    asked: list[str] = []

    async def follow() -> None:
        async with client(guide, "--allow-run", answer=agree, asked=asked, mode=mode) as agent:
            plan = await call(agent, "plan")
            assert [one["id"] for one in plan["steps"]] == ["index/make-one", "index/make-two"]
            assert plan["present"] == "index/make-one"
            refused = await call(agent, "run", step="index/make-two")
            assert "the present step is index/make-one" in refused
            assert not asked, "nobody is asked for what is refused anyway"
            present = await call(agent, "present_step")
            assert present["actions"][0]["actions"][0]["text"].startswith("touch ")
            (check,) = await call(agent, "check", step="index/make-one")
            assert check["state"] == "differs"
            done = await call(agent, "run", step="index/make-one")
            assert done["outcomes"][0]["verdict"] == "proven"
            assert (done["settled"], done["next"]) == (True, "index/make-two")
            again = await call(agent, "run", step="index/make-one")
            assert "is done" in again
            await call(agent, "note", text="all is well", step="index/make-two")
            assert (await call(agent, "log"))[-2]["deed"] == "noted"

    anyio.run(follow)
    assert len(asked) == 1
    assert "tester 1.0 wants to run this step" in asked[0]
    assert f"touch {guide.place}/one" in asked[0]
    assert not (guide.place / "two").exists()
    told = entries(guide)
    assert {one.who for one in told if one.deed is Deed.RAN} == {"tester 1.0 for ann"}
    consent = [one.text for one in told if one.deed is Deed.CALLED and "consent" in one.text]
    assert consent == ["run, by consent of a person, asked by tester 1.0"]


def test_without_consent_nothing_runs(tmp_path: Path) -> None:
    """A person who refuses, a client that cannot ask, a server that only reads."""
    guide = Guide(tmp_path, making("one"))

    async def ask(*options: str, answer: Any = None) -> str:
        async with client(guide, *options, answer=answer) as agent:
            return str(await call(agent, "run", step="index/make-one"))

    assert "did not consent" in anyio.run(lambda: ask("--allow-run", answer=lambda _: None))
    assert "did not consent" in anyio.run(
        lambda: ask("--allow-run", answer=lambda _: {"agree": False})
    )
    assert "cannot ask a person" in anyio.run(lambda: ask("--allow-run"))
    assert "only reads" in anyio.run(lambda: ask(answer=agree))
    assert not (guide.place / "one").exists()


def test_a_policy_consents_and_nothing_else(tmp_path: Path) -> None:
    """What it does not name, and what may do damage elsewhere than on its hosts, asks a person."""
    guide = Guide(tmp_path, making("one"), DESTROY, making("two"))
    (guide.place / "old").mkdir()
    policy = tmp_path / "policy.yaml"
    policy.write_text("policy:\n- steps: [index/make-*, index/remove-all]\n  clients: [tester]\n")

    async def follow(*steps: str) -> list[Any]:
        async with client(guide, "--allow-run", "--policy", str(policy)) as agent:
            return [await call(agent, "run", step=step) for step in steps]

    one, destroy = anyio.run(follow, "index/make-one", "index/remove-all")
    assert one["consent"] == f"the policy, {policy}:2"
    assert "nobody has consented" in destroy
    assert (guide.place / "old").exists()
    policy.write_text("policy:\n- steps: ['*']\n  destructive: [box]\n")
    done, two = anyio.run(follow, "index/remove-all", "index/make-two")
    assert (done["settled"], two["settled"]) == (True, True)
    assert any(one.deed is Deed.CONFIRMED for one in entries(guide))


def test_damage_needs_the_names_of_hosts_typed_by_a_person(tmp_path: Path) -> None:
    """Agreeing is not enough."""
    guide = Guide(tmp_path, DESTROY)
    (guide.place / "old").mkdir()

    async def follow(content: dict[str, Any]) -> Any:
        async with client(guide, "--allow-run", answer=lambda _: content) as agent:
            return await call(agent, "run", step="index/remove-all")

    for typed in ({"agree": True}, {"agree": True, "typed": "bo"}):
        assert "type the names of its hosts: box" in anyio.run(follow, typed)
    assert (guide.place / "old").exists()
    assert anyio.run(follow, {"agree": True, "typed": "box"})["settled"]


def test_secrets_are_in_no_answer(tmp_path: Path) -> None:
    """Neither in what a step does, nor in what programs print, nor in a check that explains."""
    guide = Guide(tmp_path, LOG_IN)
    answers: list[Any] = []

    async def follow() -> None:
        async with client(guide, "--allow-run", answer=agree) as agent:
            answers.append(await call(agent, "present_step"))
            answers.append(await call(agent, "run", step="index/log-in"))
            (guide.place / "key").write_text("mellon-7 but not alone\nmellon-7x\n")
            answers.append(await call(agent, "check", step="index/log-in"))
            answers.append(await call(agent, "log"))

    anyio.run(follow)
    assert answers[1]["settled"]
    assert "mellon-7" not in json.dumps(answers)


def test_hostile_calls_are_refused_and_the_server_goes_on(tmp_path: Path) -> None:
    """Unknown steps and hosts, huge texts, wrong types, tools that there are not."""
    guide = Guide(tmp_path, making("one"))

    async def attack() -> None:
        async with client(guide, "--allow-run", answer=agree) as agent:
            for tool, arguments in (
                ("run", {"step": "index/../../etc/passwd"}),
                ("run", {"step": "x" * 100_000}),
                ("run", {"step": "index/make-one", "hosts": ["box; rm -rf /"]}),
                ("run", {"step": "index/make-one", "consent": {"agree": True}, "typed": "box"}),
                ("run", {"step": ["index/make-one"]}),
                ("check", {"step": "index/make-one", "hosts": ["elsewhere"]}),
                ("note", {"text": "\x1b]0;" + "x" * 50_000}),
                ("plan", {"begin": -1}),
                ("shell", {"command": "id"}),
            ):
                found = await call(agent, tool, **arguments)
                if arguments.get("consent"):
                    assert found["consent"].startswith("a person"), "an argument is no consent"
                else:
                    assert str(found).startswith("refused:"), (tool, arguments)
            assert (await call(agent, "plan"))["total"] == 1

    anyio.run(attack)


def test_a_client_that_vanishes_leaves_a_complete_journal(tmp_path: Path) -> None:
    """The step it was running counts as begun, and the lab is free for the next one."""
    guide = Guide(tmp_path, HANG)

    async def vanish() -> None:
        async with client(guide, "--allow-run", answer=agree) as agent:
            with anyio.move_on_after(60):
                async with anyio.create_task_group() as group:

                    async def leave() -> None:
                        path = anyio.Path(guide.place / "waiting")
                        while not await path.exists():
                            await anyio.sleep(0.05)
                        group.cancel_scope.cancel()

                    group.start_soon(leave)
                    await call(agent, "run", step="index/wait")

    anyio.run(vanish)
    until(lambda: [one["verdict"] for one in guide.outcomes()] == ["error"], 30)

    async def look() -> Any:
        async with client(guide) as agent:
            return await call(agent, "present_step")

    assert anyio.run(look)["step"]["hosts"][0]["state"] == "begun"


def test_a_policy_with_a_mistake_names_its_line(tmp_path: Path) -> None:
    """And the server does not start."""
    from tests.support.forked import run_module

    guide = Guide(tmp_path, making("one"))
    policy = tmp_path / "policy.yaml"
    for text, why in (
        ("policy:\n- step: [a]\n", "policy.yaml:2"),
        ("policy:\n- steps: []\n", "name at least one step"),
        ("policy:\n- steps: [a]\n  after: tomorrow\n", "a time with its zone"),
        (
            "policy:\n- steps: [a]\n  after: 2026-01-02T00:00Z\n  before: 2026-01-01T00:00Z\n",
            "nothing is ever allowed",
        ),
    ):
        policy.write_text(text)
        done = run_module(
            "runbook", "mcp", str(guide.directory), "--lab", "local", "--allow-run",
            "--policy", str(policy),
        )  # fmt: skip
        assert done.returncode == 3
        assert why in done.stderr
