"""Commands that destroy data, lock out the operator, or cannot be undone."""

from runbook.shelltext.dangers.scan import dangers, step_dangers
from runbook.shelltext.dangers.written import Written

__all__ = ["Written", "dangers", "step_dangers"]
