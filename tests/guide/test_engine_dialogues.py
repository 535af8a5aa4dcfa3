"""The guide's dialogues with the engine's programs are those that the programs' sources have."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from runbook.execution.hosts.host import HostConnection
from runbook.model import Dialogue, Runbook, Step, source_notes
from runbook.terminal.connection import LocalConnection
from runbook.terminal.faults import DialogueStopped
from runbook.terminal.running import Completed
from tests.support.paths import ROOT

CLEAN = "engine/hosted/clean-the-hosts-of-the-hosted-engine"
ENGINES_OWN = ("engine-setup", "engine-cleanup", "hosted-engine --deploy")
ONLY_IN_3_4_0 = "Default storage type: "  # the notes are of 3.4.4, which lacks it

# It asks as ovirt-hosted-engine-setup 2.7.2 does: a question with a line end, and the second one
# only where there is a management bridge. $1 is the log, $2 says whether there is one.
CLEANUP = """
caution() {
    printf ' %s \\nCaution, this operation should be used with care.\\n\\n' "$1"
    echo 'Are you sure you want to proceed? [y/n]'
    read -r answer
    [ "$answer" = y ] || { echo 'FATAL: Please contact support for further assistance.'; exit 1; }
}
caution 'This will de-configure the host to run ovirt-hosted-engine-setup from scratch.'
echo '  -=== Destroy hosted-engine VM ===- ' | tee -a "$1"
echo '  -=== De-configure VDSM networks ===- '
[ "$2" = none ] || caution 'A previously configured management bridge has been found on the system.'
echo '  -=== Removing configuration files ===- ' | tee -a "$1"
"""


def dialogues(ovirt_guide: Runbook) -> Iterator[tuple[Step, Dialogue]]:
    """Every dialogue with a program of the engine's, on platforms that never run here."""
    for step in ovirt_guide.steps():
        if not {"el9", "el6"}.isdisjoint(step.platforms):
            for action in step.actions:
                if isinstance(action, Dialogue) and action.text.startswith(ENGINES_OWN):
                    yield step, action


def quoted() -> dict[str, list[str]]:
    """The questions that each source note quotes, by the id of the note."""
    notes = source_notes.load(ROOT / "docs/sources", ROOT)
    return {note.id: re.findall(r'"([^"]+)"', _plain(note.says)) for note in notes}


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _is(question: str, source: str) -> bool:
    """Whether a question of the guide is that of a source, which names in braces what varies."""
    pattern = re.sub(r"\\\{[^}]*\\\}", ".*?", re.escape(source))
    shortened = re.escape(question).replace(r"\.\.\.", ".*?")
    return bool(re.fullmatch(pattern, question) or re.search(rf"(^|\s){shortened}", source))


def test_every_question_of_a_dialogue_is_quoted_from_the_source(ovirt_guide: Runbook) -> None:
    """With its answers and its default; a question that no release asks is found."""
    texts = quoted()
    asked = [
        (step, turn) for step, one in dialogues(ovirt_guide) for turn in one.turns if turn.prompt
    ]
    assert len(asked) > 180
    unknown = [
        f"{step.id}: {turn.prompt}"
        for step, turn in asked
        if not turn.prompt.startswith(ONLY_IN_3_4_0)
        and not any(_is(_plain(turn.prompt), one) for id_ in step.sources for one in texts[id_])
    ]
    assert unknown == []


NO = "Configure Engine on this host (Yes, No) [No]:"
SCAP = "Do you want to apply an OpenSCAP security profile? (Yes, No) [No]:"


@pytest.mark.parametrize(
    ("question", "source", "same"),
    [
        (NO, NO, True),
        (NO.replace("[No]", "[Yes]"), NO, False),
        ("Engine VM domain [example.com]:", "Engine VM domain [{default}]:", True),
        (SCAP.replace("an OpenSCAP", "a default OpenSCAP"), SCAP, False),
        ("Use weak password?", "Use weak password? ({values}) [{default}]:", True),
    ],
)
def test_a_question_with_another_word_or_default_is_another(
    question: str, source: str, same: bool
) -> None:
    """What the test above would find."""
    assert _is(question, source) is same


@pytest.fixture
def clean(ovirt_guide: Runbook, tmp_path: Path) -> Iterator[tuple[Dialogue, HostConnection, Path]]:
    """The cleanup's dialogue, for a stand-in of the program that follows its source."""
    (dialogue,) = (
        action
        for step in ovirt_guide.steps()
        if step.id == CLEAN
        for action in step.actions
        if isinstance(action, Dialogue)
    )
    script = tmp_path / "cleanup"
    script.write_text(CLEANUP)
    live = HostConnection(LocalConnection("box"), {})
    yield evolve(dialogue, text=f"bash {script} {tmp_path}/log"), live, tmp_path / "log"
    live.close()


def converse(clean: tuple[Dialogue, HostConnection, Path], bridge: str) -> Completed:
    """Answer the program as the guide says."""
    dialogue, live, _ = clean
    one = evolve(dialogue, text=f"{dialogue.text} {bridge}")
    return live.session("root").converse(one, secrets=lambda _: "", timeout=30)


@pytest.mark.parametrize("bridge", ["ovirtmgmt", "none"])
def test_the_cleanup_is_answered_to_its_end(
    clean: tuple[Dialogue, HostConnection, Path], bridge: str
) -> None:
    """It asks twice where there is a management bridge, and once where there is none."""
    done = converse(clean, bridge)
    assert done.status == 0, done.output
    assert clean[2].read_text().count("===-") == 2


def test_without_the_second_answer_the_cleanup_would_stop_halfway(
    clean: tuple[Dialogue, HostConnection, Path],
) -> None:
    """The same question again is otherwise taken for a refused answer."""
    dialogue, live, log = clean
    first = evolve(dialogue, turns=tuple(t for t in dialogue.turns if not t.again))
    with pytest.raises(DialogueStopped, match="refused"):
        converse((first, live, log), "ovirtmgmt")
    assert log.read_text().count("===-") == 1
