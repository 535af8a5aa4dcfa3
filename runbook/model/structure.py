"""Typed values from trees of nodes: each frozen class says which keys there may be.

@frozen
class Machine:
    memory: Annotated[int, Between(128, 1_000_000)]
    disks: tuple[Annotated[str, Form("[1-9][0-9]*G", "a size such as 10G")], ...] = ()

machine = structure(node, Machine)
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

import attrs
import cattrs
from attrs import frozen

from runbook.model.node import Node
from runbook.model.suggestion import did_you_mean

T = TypeVar("T")


@frozen
class Form:
    """The texts that match `pattern` as a whole; `what` says in words what they are."""

    pattern: str
    what: str

    def check(self, node: Node, value: Any) -> None:
        """Raise an error if the value is not of this form."""
        if not re.fullmatch(self.pattern, value):
            raise node.error(f"{value!r} is not {self.what}")


@frozen
class Between:
    """The numbers from `least` to `most`."""

    least: int
    most: int

    def check(self, node: Node, value: Any) -> None:
        """Raise an error if the value is outside these bounds."""
        if not self.least <= value <= self.most:
            raise node.error(f"must be a number from {self.least} to {self.most}, not {value}")


def structure(node: Node, kind: type[T]) -> T:
    """Return the value of type `kind` that `node` describes.

    Null stands for a mapping or a list without entries, never for a text.

    Raises:
        YamlError: the node has a key or a value that `kind` does not allow.

    """
    return _CONVERTER.structure(node, kind)


def unknown_key(node: Node, known: Iterable[str]) -> Exception:
    """Return the error that the key of `node` is none of those `known` beside it."""
    *above, key = node.keys
    names = list(known)
    hint = f"{did_you_mean(key, names) or ';'} known are"
    parent = Node(None, node.location, tuple(above))
    return parent.error(f"unknown key {key!r}{hint} {', '.join(names)}")


def _text(node: Node, _: Any) -> str:
    if node.value is None:
        raise node.error("must be a text, not null; write '' for an empty one")
    if not isinstance(node.value, str):
        raise node.error(f"must be a text, not {node.kind}")
    return node.value


def _number(node: Node, _: Any) -> int:
    if not isinstance(node.value, str) or not re.fullmatch(r"0|[1-9][0-9]{0,17}", node.value):
        raise node.error(f"must be a whole number, not {node.kind}")
    return int(node.value)


def _address(node: Node, kind: Callable[[str], T]) -> T:
    try:
        return kind(_text(node, str))
    except ValueError as error:
        raise node.error(str(error)) from error


def _mapping(node: Node) -> dict[str, Node]:
    if node.value is not None and not isinstance(node.value, dict):
        raise node.error(f"must be a mapping, not {node.kind}")
    return node.entries


def _noun(noun: type[T]) -> Callable[[Node, Any], T]:
    hints = get_type_hints(noun, include_extras=True)
    fields = attrs.fields(noun)  # type: ignore[arg-type]
    required = [field.name for field in fields if field.default is attrs.NOTHING]

    def structured(node: Node, _: Any) -> T:
        entries = _mapping(node)
        for key, below in entries.items():
            if key not in hints:
                raise unknown_key(below, hints)
        for key in required:
            if key not in entries:
                raise node.error(f"the key {key!r} is missing")
        return noun(
            **{key: _CONVERTER.structure(below, hints[key]) for key, below in entries.items()}
        )

    return structured


def _named(kind: Any) -> Callable[[Node, Any], dict[str, Any]]:
    name, value = get_args(kind)

    def structured(node: Node, _: Any) -> dict[str, Any]:
        return {
            _CONVERTER.structure(Node(key, below.location, node.keys), name): (
                _CONVERTER.structure(below, value)
            )
            for key, below in _mapping(node).items()
        }

    return structured


def _listed(kind: Any) -> Callable[[Node, Any], tuple[Any, ...]]:
    item, _ = get_args(kind)

    def structured(node: Node, _: Any) -> tuple[Any, ...]:
        if node.value is not None and not isinstance(node.value, tuple):
            raise node.error(f"must be a list, not {node.kind}")
        return tuple(_CONVERTER.structure(one, item) for one in node.value or ())

    return structured


def _constrained(kind: Any) -> Callable[[Node, Any], Any]:
    base, *constraints = get_args(kind)

    def structured(node: Node, _: Any) -> Any:
        value = _CONVERTER.structure(node, base)
        for one in constraints:
            one.check(node, value)
        return value

    return structured


def _converter() -> cattrs.Converter:
    made = cattrs.Converter(detailed_validation=False)
    for origin, hook in ((dict, _named), (tuple, _listed), (Annotated, _constrained)):
        made.register_structure_hook_factory(
            lambda kind, origin=origin: get_origin(kind) is origin,
            hook,
        )
    made.register_structure_hook_factory(attrs.has, _noun)
    made.register_structure_hook(str, _text)
    made.register_structure_hook(int, _number)
    made.register_structure_hook(ipaddress.IPv4Address, _address)
    made.register_structure_hook(ipaddress.IPv4Network, _address)
    made.register_structure_hook(Node, lambda node, _: node)
    return made


_CONVERTER: Final = _converter()
