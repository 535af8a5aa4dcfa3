"""Code block directives that accept any option, so that a plan needs no other extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from docutils.parsers.rst import Directive, directives
from sphinx.application import Sphinx

from runbook.sphinx.directives.literal import located
from runbook.sphinx.directives.registry import registered
from runbook.sphinx.directives.transcripts import PromptDirective, TerminalDirective
from runbook.sphinx.directives.values import substitute


class AnyOptions(dict[str, Callable[[str], Any]]):
    """An option spec that accepts unknown options unchanged."""

    def __bool__(self) -> bool:
        """Be true: docutils parses no options if the spec is false."""
        return True

    def __missing__(self, name: str) -> Callable[[str], Any]:
        """Return the converter of the option `name`."""
        return directives.unchanged


class _PathSubstitutions(Directive):
    """`literalinclude` with the option `path-substitutions`, whose extension may be missing."""

    def run(self) -> Any:
        if "path-substitutions" in self.options:
            defined = self.state.document.substitution_defs
            values = {name: definition.astext() for name, definition in defined.items()}
            self.arguments[0] = substitute(self.arguments[0], values)
        return super().run()


class _Substitutions(Directive):
    """A directive whose text has substitutions without an option that says so."""

    def run(self) -> Any:
        self.options.setdefault("substitutions", "")
        return super().run()


class _PermissivePrompt(PromptDirective):
    option_spec: ClassVar[Any] = AnyOptions()


class _PermissiveTerminal(TerminalDirective):
    option_spec: ClassVar[Any] = AnyOptions()


_CODE: Final = ("code-block", "sourcecode", "code", "literalinclude", "parsed-literal")


def register(app: Sphinx) -> None:
    """Replace the code block directives, whichever extension registered them."""
    for name in _CODE:
        made = located(name, registered(name))
        first = (_PathSubstitutions,) if name == "literalinclude" else ()
        spec = {"option_spec": AnyOptions(made.option_spec or {})}
        app.add_directive(name, type(made.__name__, (*first, made), spec), override=True)
    for name, directive in (
        ("prompt", _PermissivePrompt),
        ("terminal", _PermissiveTerminal),
        ("substitution-prompt", type("Prompt", (_Substitutions, _PermissivePrompt), {})),
        ("substitution-code-block", _with_substitutions(located("code-block"))),
    ):
        app.add_directive(name, directive, override=True)


def _with_substitutions(base: type[Directive]) -> type[Directive]:
    spec = {"option_spec": AnyOptions(base.option_spec or {})}
    return type(base.__name__, (_Substitutions, base), spec)
