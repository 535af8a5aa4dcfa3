"""Read YAML files so that whatever is wrong in them can be told with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from attrs import field, frozen

from runbook.errors import RunbookError


@frozen
class YamlFile:
    """A file that was read: its `data`, and the lines on which its keys stand."""

    path: Path
    data: Any
    _wrong: type[RunbookError]
    _lines: dict[tuple[str, ...], int] = field(factory=dict)

    @classmethod
    def read(cls, path: Path, wrong: type[RunbookError]) -> YamlFile:
        """Read the file at `path`; errors are of the type `wrong`.

        Raises:
            RunbookError: the file cannot be read, or is no YAML.

        """
        try:
            text = path.read_text(encoding="utf-8")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            made = cls(path, yaml.safe_load(text), wrong)
        except OSError as error:
            raise wrong(f"{path}: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise wrong(f"{path}: it is not UTF-8") from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise wrong(f"{path}:{line}: {error.problem}") from error
        made._note((), root)
        return made

    def error(self, message: str, *keys: str) -> RunbookError:
        """Return an error about what `keys` lead to, with the line of the last that is there."""
        while keys and keys not in self._lines:
            keys = keys[:-1]
        return self._wrong(f"{self.path}:{self._lines.get(keys, 1)}: {message}")

    def has(self, *keys: str) -> bool:
        """Tell whether `keys` lead to something."""
        return keys in self._lines

    def _note(self, keys: tuple[str, ...], node: yaml.Node | None) -> None:
        if node is not None:
            self._lines.setdefault(keys, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                below = (*keys, str(key.value))
                self._lines[below] = key.start_mark.line + 1
                self._note(below, value)
