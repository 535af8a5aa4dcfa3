"""Lines that look like commands and are none, next to commands that look like them."""

from __future__ import annotations

from tests.support.reading import expected, readings


def test_settings_are_not_commands() -> None:
    """Of a kernel, a boot loader or a table of file systems; variables of a command are."""
    sample = "lookalikes/settings"
    assert readings(sample) == expected(sample)


def test_formulas_are_not_commands() -> None:
    """Comparisons and arithmetic; redirections and tests are."""
    sample = "lookalikes/expressions"
    assert readings(sample) == expected(sample)


def test_a_path_alone_is_a_command_only_if_the_text_says_to_run_it() -> None:
    """Or if it is after a prompt, or starts with `./`."""
    sample = "lookalikes/paths"
    assert readings(sample) == expected(sample)


def test_instructions_to_checkers_are_not_typed() -> None:
    """They are comments of a script, so the lines around them are its commands."""
    sample = "lookalikes/pragmas"
    assert readings(sample) == expected(sample)
