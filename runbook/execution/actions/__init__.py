"""The actions of a step: carry them out, and fill in their values."""
