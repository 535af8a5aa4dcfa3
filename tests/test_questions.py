"""What the prompts of real installers offer."""

from __future__ import annotations

import pytest

from runbook.questions import Offer, offer


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
def test_a_prompt_says_what_it_takes(
    prompt: str, choices: tuple[str, ...], default: str | None
) -> None:
    """Choices and default, in every form that is known."""
    assert offer(prompt) == Offer(choices, default)


def test_a_choice_is_a_whole_word_in_any_case() -> None:
    """As the installers themselves compare."""
    asked = offer("(Yes, No) [Yes]:")
    assert asked.accepts("YES")
    assert asked.accepts("")
    assert not asked.accepts("y")
    assert not offer("(firewalld):").accepts("")
    assert offer("Name:").accepts("")
    assert offer("Name:").accepts("anything")
