"""The rules by which programs sort what is wrong with a guide, each with its help."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from runbook.lint import FindingKind
from runbook.results.findings import RunFindingKind

PLAN_ERROR: Final = "plan-error"
PLAN_WARNING: Final = "plan-warning"
FAILED: Final = "failed"
NOT_TRIED: Final = "not-tried"
BLOCKED: Final = "blocked"
FALLEN: Final = "no-longer-true"
REHEARSAL: Final = "rehearsal"
DRIFT: Final = "drift"


@frozen
class Rule:
    """What a rule is about, in a sentence, and what to do about it."""

    about: str
    help: str


RULES: Final[dict[str, Rule]] = {
    PLAN_ERROR: Rule(
        "The guide cannot be planned because of this line.",
        "Correct the line that the message names. Nothing runs while there is one.",
    ),
    PLAN_WARNING: Rule(
        "Sphinx or the harness warns of this line.",
        "The guide can be planned, but a reader may not see what was meant. Correct the line.",
    ),
    FindingKind.DASH.value: Rule(
        "A typographic dash stands where a program expects `-`.",
        "Write the ASCII character. A word processor may have replaced it.",
    ),
    FindingKind.QUOTE.value: Rule(
        "A typographic quotation mark quotes nothing in a shell.",
        "Write ' or \". A word processor may have replaced it.",
    ),
    FindingKind.SPACE.value: Rule(
        "A space that does not separate words, or an invisible character, is in a command.",
        "Type the space anew. It often comes with text that was copied from a page.",
    ),
    FindingKind.WIDTH.value: Rule(
        "A full-width character stands in place of an ASCII one.",
        "Write the ASCII character.",
    ),
    FindingKind.URL.value: Rule(
        "A URL with `&` or `?` is not quoted.",
        "Put it in quotes: the shell ends the command at `&`, and `?` matches files.",
    ),
    FindingKind.PLACEHOLDER.value: Rule(
        "The shell would read a placeholder as something else.",
        "Capture the value with ':capture:', take it from the cluster file, or mark the block as "
        "an example that nobody types.",
    ),
    FindingKind.PROMPT.value: Rule(
        "A prompt became part of a command.",
        "Leave the prompt out, or write it as the other blocks do.",
    ),
    FindingKind.OPEN.value: Rule(
        "A quote, here-document or compound command does not end.",
        "Close it. A shell would wait for the rest, and take what follows for it.",
    ),
    FindingKind.EXPANDED.value: Rule(
        "The shell replaces a variable in a here-document by nothing.",
        "Quote the delimiter, as in <<'EOF', if the text is meant as it stands.",
    ),
    FindingKind.SHEBANG.value: Rule(
        "A script is made executable but has no shebang line.",
        "Begin it with a line such as #!/bin/bash.",
    ),
    FindingKind.TYPO.value: Rule(
        "The name of a command is one letter away from a known one.",
        "Correct the name if it is mistyped.",
    ),
    FindingKind.PATH.value: Rule(
        "A path is nearly that of a file which the guide writes.",
        "Write the same path in both places if the same file is meant.",
    ),
    FindingKind.COPIED.value: Rule(
        "An id was copied from the output of an earlier command.",
        "It differs on every machine. Capture it with ':capture:' where it is printed.",
    ),
    FindingKind.HOST.value: Rule(
        "A host is not in the cluster file, but resembles one that is.",
        "Correct the name, or add the host to lab/cluster.yaml.",
    ),
    FindingKind.ASKS.value: Rule(
        "A command outside of a step waits for input.",
        "Make a step of it that shows the dialogue, or give the command its input.",
    ),
    FindingKind.UNSOURCED.value: Rule(
        "A step for a platform that nobody has run names no source.",
        "Name the source notes that its facts come from with ':sources:'.",
    ),
    FindingKind.UNUSED_SOURCE.value: Rule(
        "Neither a step nor a sentence names this source note.",
        "Name it where its facts are used, or remove it.",
    ),
    FindingKind.USES.value: Rule(
        "A step uses a thing that no earlier step on its path makes.",
        "Move the step, add the missing one, or say what provides the thing.",
    ),
    FindingKind.TRANSLATION.value: Rule(
        "A translation changes a literal, a value, a name, a number, or where a link leads.",
        "Write these as the original has them: readers type what stands there.",
    ),
    FindingKind.UNTRANSLATED.value: Rule(
        "A message has no translation.",
        "Translate it in its catalogue. Until then the page shows the original.",
    ),
    FindingKind.OUTDATED.value: Rule(
        "A translation is of a text that has changed since.",
        "Compare the old and the new original, and renew the translation.",
    ),
    FindingKind.OBSOLETE.value: Rule(
        "A translation is of a text that the guide has no more.",
        "Remove it with 'runbook translations --prune', or leave it if the text may come back.",
    ),
    FindingKind.TRANSLATION_STYLE.value: Rule(
        "A translation is not written as its language asks.",
        "Correct its punctuation, or the spaces between its words and those of another script.",
    ),
    FindingKind.TRANSLATION_TERM.value: Rule(
        "A term is translated otherwise than the terms of the language say.",
        "Use the term of the language's terms.yaml, or add what is right to that file.",
    ),
    FindingKind.TEMPLATE.value: Rule(
        "A chapter lacks a section of the template, or has it elsewhere.",
        "Add or move the section. conf.py has the template.",
    ),
    FindingKind.WEAK_CHECK.value: Rule(
        "A check holds on a host where its sentence is not true.",
        "Give the unit an [Install] section, or compare what systemctl is-enabled prints.",
    ),
    FindingKind.TERM.value: Rule(
        "The guide has another term for this word.",
        "Write the guide's term, so that one thing has one name.",
    ),
    FindingKind.PASSWORD.value: Rule(
        "A password stands in a command line, where everyone on the host can read it.",
        "Let the program ask for it, or read it from a file or from its input.",
    ),
    FAILED: Rule(
        "A step did not do what the guide says.",
        "The message says what was expected and what was found; the report of the run has the "
        "output and the recording.",
    ),
    NOT_TRIED: Rule(
        "A step could not be tried, or a check not be evaluated.",
        "The host is lost or the harness is at fault; the step itself may be right.",
    ),
    BLOCKED: Rule(
        "A step that this one depends on did not hold.",
        "Look at the step that the message names first.",
    ),
    FALLEN: Rule(
        "A check of a finished step no longer holds at the end of the run.",
        "Something undid what the step had done, and no later step of the guide is known to.",
    ),
    DRIFT: Rule(
        "A machine is not as the guide says.",
        "Somebody or something changed it since the step ran. Find out who before you repair it.",
    ),
    RunFindingKind.VACUOUS.value: Rule(
        "A check held before its step ever ran, so it proves nothing.",
        "Check what only the step can bring about, or give the step ':readonly:' if it changes "
        "nothing.",
    ),
    RunFindingKind.EMPTY.value: Rule(
        "A check asserts nothing, so it cannot fail.",
        "Write an assert statement.",
    ),
    RunFindingKind.UNCHECKED.value: Rule(
        "A step has no check, so nothing says whether it did what it should.",
        "Add a '.. check::' that fails before the step and holds after it.",
    ),
    RunFindingKind.UNDONE.value: Rule(
        "A later step made a check false, and the guide does not say that it may.",
        "Correct the later step, or write ':until:' at the check if that is meant.",
    ),
    RunFindingKind.UNASKED.value: Rule(
        "A program did not ask what the guide shows.",
        "Remove the question, or say in a table of answers that it comes only sometimes.",
    ),
    REHEARSAL: Rule(
        "A command or a dialogue of the step does not work as it is written.",
        "Correct what the message names; SC and a number is a rule of ShellCheck.",
    ),
}
"""All rules by their ids; a lint finding's is its kind, as in `runbook lint --only KIND`."""
