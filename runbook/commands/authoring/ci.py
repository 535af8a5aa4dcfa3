"""`runbook ci`: a job that proves a guide, for a service that runs such jobs."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import jinja2
import yaml
from attrs import frozen

from runbook.commands.labs.lab import open_lab
from runbook.commands.repository import place_of

SERVICES: Final = ("github", "gitlab")
"""The services that a job can be written for; each has a template."""

_PACKAGES: Final = {
    "local": ("ca-certificates", "python3-venv"),
    "container": (
        "ca-certificates", "iproute2", "mmdebstrap", "nftables", "podman", "python3-venv", "runc",
    ),
}  # fmt: skip
"""Debian's packages that a bare container needs for the guide, by the kind of lab."""

_PLACE: Final = "/opt/runbook"
_FINDINGS: Final = "findings"
_RESULTS: Final = ("report.html", "junit.xml", "journal.jsonl", "plan.json", "recordings/")
"""What is kept of a run. The directory has more: what a run knows of secrets stays there."""


@frozen
class _Part:
    """Lines of shell that belong together."""

    name: str
    lines: tuple[str, ...]


@frozen
class _Job:
    """What the templates say in a service's own words; paths begin at the repository's root."""

    lab: str
    parts: tuple[_Part, ...]
    results: tuple[str, ...]
    junit: str
    findings: str = _FINDINGS


def job_text(service: str, guide: Path, kind: str, host: str | None = None) -> str:
    """Return the job for `service` that runs the guide on a lab of the kind `kind`.

    Raises:
        RunbookError: the guide's cluster file is missing or wrong, or `kind` is local and the guide
            has several hosts, of which `host` names none.

    """
    open_lab(guide, kind, host)  # what is wrong with it is told here, not by the service
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("runbook.commands.authoring", "ci_jobs"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701  # what is made is YAML, and every value is quoted for it
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["yaml"] = _scalar
    job = _job(guide, kind, host)
    return environment.get_template(f"{service}.yml.j2").render(job=job)


def _job(guide: Path, kind: str, host: str | None) -> _Job:
    place = place_of(guide)
    quoted = shlex.quote(place or ".")
    program = f"{_PLACE}/bin/runbook"
    needs = f"{place}/requirements.txt" if place else "requirements.txt"
    listed = f"-r {shlex.quote(needs)} " if (guide / "requirements.txt").is_file() else ""
    this = " --yes" + (f" --host {shlex.quote(host)}" if host else "") if kind == "local" else ""
    parts = (
        _Part(
            "Install the harness",
            (
                "apt-get update",
                f"apt-get install -y --no-install-recommends {' '.join(_PACKAGES[kind])}",
                f"python3 -m venv {_PLACE}",
                f"{_PLACE}/bin/pip install {listed}'sphinx-runbook[rehearse]'",
            ),
        ),
        _Part("Lint", (f"{program} lint {quoted} --sarif {_FINDINGS}/lint.sarif",)),
        _Part(
            "Check the commands and play the dialogues",
            (f"{program} rehearse {quoted} --sarif {_FINDINGS}/rehearse.sarif",),
        ),
        _Part(
            "Prove every step",
            (f"{program} run {quoted} --lab {kind}{this} --sarif {_FINDINGS}/run.sarif",),
        ),
    )
    directory = f"{place}/build/{kind}" if place else f"build/{kind}"
    results = tuple(f"{directory}/{name}" for name in _RESULTS)
    return _Job(kind, parts, results, f"{directory}/junit.xml")


def _scalar(text: str) -> str:
    """Return a text of one line as YAML, in quotes only if it needs them."""
    return yaml.safe_dump(text, width=10_000, allow_unicode=True).removesuffix("...\n").rstrip("\n")
