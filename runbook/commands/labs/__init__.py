"""The lab of a guide: open it, look into it, bring it back to a step, remove it."""
