"""Whatever is done to a run, it does not tell what is not so."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from attrs import asdict

from tests.attack.attack import Attack, attacks, carry_out
from tests.attack.seeds import SECONDS, SEED

RESULT = os.environ.get("ATTACK_RESULT")
"""A directory for the counts, from which the page is made."""


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_the_attack_is_withstood(attack: Attack, tmp_path: Path) -> None:
    """As often as it is tried; the seed in a failure repeats it."""
    if lacking := attack.lacking():
        pytest.skip(lacking)
    tally = carry_out(attack, SEED, SECONDS, tmp_path)
    if RESULT:
        path = Path(RESULT) / f"{attack.name.replace(' ', '-')}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(tally), indent=1) + "\n")
    assert not tally.broken, "\n".join(tally.broken)
