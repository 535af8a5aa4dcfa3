"""Where the tests find what they read."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
"""The directory of the repository, and of its guide."""

SAMPLES: Final = ROOT / "tests" / "samples"
"""Files that tests read, or compare with."""
