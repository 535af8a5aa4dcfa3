"""What the prompts of real installers accept."""

from __future__ import annotations

import pytest

from runbook.console.prompts.answers import AcceptedAnswers, accepted_answers


@pytest.mark.parametrize(
    ("prompt", "choices", "default"),
    [
        ("Open the firewall? (Yes, No) [Yes]:", ("Yes", "No"), "Yes"),
        ("Do you want to continue? (Yes, No)[No]: ", ("Yes", "No"), "No"),
        ("Open the firewall? (Yes, No)\n[No]:", ("Yes", "No"), "No"),
        ("(1, 2, 3)[1]:", ("1", "2", "3"), "1"),
        ("Firewall manager to configure (iptables):", ("iptables",), None),
        ("Name of this server [gs1.example.com]:", (), "gs1.example.com"),
        ("Path to the image []:", (), ""),
        ("Stop the volume? (y/n)", ("y", "n"), None),
        ("Proceed? [y/N]", ("y", "N"), "N"),
        ("Go on connecting (yes/no/[fingerprint])?", (), None),
        ("Partition number (1-4, default 1):", (), "1"),
        ("Select (default p):", (), "p"),
        ("File for the key (/root/.ssh/id_rsa):", (), "/root/.ssh/id_rsa"),
        ("Command (m for help):", (), None),
        ("Path (example: host:/path):", (), None),
        ("Password:", (), None),
    ],
)
def test_a_prompt_shows_what_it_accepts(
    prompt: str, choices: tuple[str, ...], default: str | None
) -> None:
    """Choices and default, in every known form."""
    assert accepted_answers(prompt) == AcceptedAnswers(choices, default)


def test_a_choice_is_a_whole_word_in_any_case() -> None:
    """As the installers themselves compare."""
    accepted = accepted_answers("(Yes, No) [Yes]:")
    assert accepted.accepts("YES")
    assert accepted.accepts("")
    assert not accepted.accepts("y")
    assert not accepted_answers("(firewalld):").accepts("")
    assert accepted_answers("Name:").accepts("")
    assert accepted_answers("Name:").accepts("anything")
