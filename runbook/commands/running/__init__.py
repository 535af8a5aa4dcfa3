"""Run a guide on a lab, begin in the right place, and ask the operator."""
