"""A guide as its author has it: begin it, plan it, inspect it, and bring its output up to date."""
