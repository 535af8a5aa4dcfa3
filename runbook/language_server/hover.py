"""What is known of a thing that is named in a document, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from runbook.errors import RunbookError
from runbook.language_server.completion import captures
from runbook.language_server.guide import GuideState
from runbook.language_server.named import Kind, Named
from runbook.model import Step
from runbook.model.capabilities import CAPABILITIES
from runbook.report.text import format_duration
from runbook.results import evidence
from runbook.results.evidence import REHEARSED_ON, Proof, Standing
from runbook.results.moved import completed, into_documents

_STANDINGS: Final = {
    Standing.PROVEN: "proven",
    Standing.PASSED: "passed",
    Standing.RAN: "ran, and no check says whether it worked",
    Standing.REHEARSED: "rehearsed against a stand-in",
    Standing.CHECKED: "only parsed and linted",
    Standing.FAILING: "**failed**",
    Standing.STALE: "edited since it ran",
    Standing.NEVER: "never run",
}


def about(named: Named, guide: GuideState) -> str:
    """Return what is known of a thing, empty if nothing is."""
    hosts = guide.cluster.hosts if guide.cluster else ()
    match named.kind:
        case Kind.STEP | Kind.CAPTURE:
            captured = named.kind is Kind.CAPTURE
            step = guide.step(captures(guide)[named.name] if captured else named.name)
            said = _step(step, guide) if step else ""
            return f"`<{named.name}>` is captured by this step:\n\n{said}" if captured else said
        case Kind.HOST:
            host = next(host for host in hosts if host.name == named.name)
            groups = ", ".join(f"`{group}`" for group in host.groups)
            when = f"\n\nOnly with `{host.when}`" if host.when else ""
            return (
                f"**{host.name}**: {host.address}, {host.platform or 'any platform'}"
                f"\n\nGroups: {groups}{when}"
            )
        case Kind.GROUP:
            members = ", ".join(f"`{one.name}`" for one in hosts if named.name in one.groups)
            return f"**{named.name}**, a group: {members}"
        case Kind.VALUE:
            return (
                f"`|{named.name}|` is `{guide.cluster.values[named.name] if guide.cluster else ''}`"
            )
        case Kind.SECRET:
            variable = f"RUNBOOK_SECRET_{named.name.upper().replace('-', '_')}"
            return (
                f"The secret `{named.name}` comes from the variable `{variable}`, or from the file "
                f"`{named.name}` in the directory that `RUNBOOK_SECRETS` names."
            )
        case Kind.NOTE:
            return f"The source note `{named.name}`, {guide.notes[named.name]}"
        case Kind.SHARED:
            one = guide.shared[named.name]
            return "\n\n".join(part for part in (f"`{one.signature}`", one.docstring) if part)
        case Kind.DIRECTIVE:
            return guide.vocabulary.directives[named.name].says
        case Kind.OPTION:
            name, _, option = named.name.partition(".")
            found = guide.vocabulary.directives[name].options.get(option)
            return f"`:{option}:` {found.says}" if found and found.says else ""
        case Kind.CAPABILITY:
            return f"The host has `{named.name}` if this succeeds: `{CAPABILITIES[named.name]}`"


def _step(step: Step, guide: GuideState) -> str:
    lines = [f"**{step.title}**", f"`{step.id}`, {step.location}"]
    facts = [f"on {', '.join(step.on)}"] if step.on else []
    facts += [f"for {', '.join(step.platforms)}"] if step.platforms else []
    count = len(step.checks)
    facts.append(f"{count} check{'' if count == 1 else 's'}" if count else "no check")
    lines.append("; ".join(facts))
    return "\n\n".join((*lines, *_evidence(step, guide)))


def _evidence(step: Step, guide: GuideState) -> Iterator[str]:
    """Yield what runs have shown of a step, and how long it may take."""
    document = step.id.rpartition("/")[0]
    chapter = next((one for one in guide.chapters() if step in one.steps), None)
    try:
        document = chapter.document if chapter else document
        known = evidence.load(guide.directory, document)
        if not any(proof.step == step.id for proof in known.proofs):
            elsewhere = into_documents(guide.directory, guide.keys())
            known = completed(known, elsewhere.get(document, ()))
    except RunbookError as error:
        yield f"Its evidence cannot be read: {error}"
        return
    mine = [p.platform for p in known.proofs if p.step == step.id and p.platform != REHEARSED_ON]
    took: list[float] = []
    for platform in step.platforms or tuple(dict.fromkeys(mine)) or (REHEARSED_ON,):
        standing, proof = evidence.standing(step, platform, known, guide.keys())
        yield f"* {_standing(standing, platform, proof)}"
        if proof is not None and proof.hosts and standing is not Standing.FAILING:
            took.append(proof.seconds)
    if took:
        yield f"Expected to take {format_duration(max(took))}"


def _standing(standing: Standing, platform: str, proof: Proof | None) -> str:
    words = [platform or "any platform", ": ", _STANDINGS[standing]]
    if proof is not None:
        words.append(f", {proof.started[:10]}")
        details = [", ".join(proof.hosts), f"{proof.lab} lab" if proof.lab else ""]
        shown = "; ".join(one for one in details if one)
        words.append(f" ({shown})" if shown else "")
    return "".join(words)
