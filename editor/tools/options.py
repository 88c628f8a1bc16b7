"""What the user set for a tool: a frozen record that the tool reads and the options bar changes."""

from __future__ import annotations

import json
from dataclasses import asdict, fields, is_dataclass, replace
from enum import Enum
from typing import Any, Generic, TypeVar

from editor.document.events import Signal

Record = TypeVar("Record")


class Options(Generic[Record]):
    """The present options of one tool.

    Args:
        initial: A frozen dataclass of bool, int, float, str and string enums; its own
            `__post_init__` may bring values into their range.

    Signals:
        changed: The new record, after every change.
    """

    def __init__(self, initial: Record) -> None:
        self.changed: Signal[Record] = Signal()
        self._value = initial

    @property
    def value(self) -> Record:
        return self._value

    def change(self, **values: Any) -> None:
        """Set some fields; nothing is announced when nothing differs."""
        self.set(_replaced(self._value, values))

    def set(self, value: Record) -> None:
        """Set all fields."""
        if value != self._value:
            self._value = value
            self.changed.emit(value)

    def to_json(self) -> str:
        """All fields, to be remembered until the next run."""
        return json.dumps(asdict(self._value), sort_keys=True)  # type: ignore[call-overload]

    def restore(self, text: str) -> None:
        """Take over what `to_json` gave; fields that are missing or wrong stay as they are."""
        try:
            stored = json.loads(text)
        except ValueError:
            return
        if not isinstance(stored, dict) or not is_dataclass(self._value):
            return
        known = {
            field.name: _like(getattr(self._value, field.name), stored[field.name])
            for field in fields(self._value)
            if field.name in stored
        }
        self.change(**{name: value for name, value in known.items() if value is not None})


def _replaced(record: Any, values: dict[str, Any]) -> Any:
    return replace(record, **values)


def _like(present: Any, stored: Any) -> Any:
    """The stored value in the type of the present one; None when it does not fit."""
    if isinstance(present, Enum):
        fitting = [member for member in type(present) if member.value == stored]
        return fitting[0] if fitting else None
    if isinstance(present, float) and type(stored) is int:
        return float(stored)
    return stored if type(stored) is type(present) else None
