"""The user's own shortcuts: what differs from the action table, and what must give way to it.

A key belongs to one action. Giving it to another takes it from the first; nothing happens silently,
for the editor asks `holders` before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from PySide6.QtGui import QKeySequence

from editor.actions.table import ACTIONS, ActionSpec, find

Changes = dict[str, tuple[str, ...]]  # action id: its shortcuts in portable text, maybe none

# Keys that move around in the canvas, in lists and in dialogs.
_RESERVED = frozenset(
    {
        "Tab",
        "Backtab",
        "Esc",
        "Return",
        "Enter",
        "Space",
        "Left",
        "Right",
        "Up",
        "Down",
        "PgUp",
        "PgDown",
    }
)


def keys_of(spec: ActionSpec, changes: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortcuts of an action, the user's or those of the table."""
    return changes.get(spec.action_id, spec.shortcuts)


def holders(
    keys: Iterable[str], changes: Mapping[str, tuple[str, ...]], but: str
) -> list[ActionSpec]:
    """The other actions that have one of these keys now."""
    wanted = {portable(key) for key in keys}
    return [
        spec
        for spec in ACTIONS
        if spec.action_id != but and wanted & {portable(k) for k in keys_of(spec, changes)}
    ]


def assigned(
    changes: Mapping[str, tuple[str, ...]], action_id: str, keys: Iterable[str]
) -> Changes:
    """The changes after an action got exactly these keys; whoever had them has them no more."""
    wanted = tuple(dict.fromkeys(portable(key) for key in keys))
    result = dict(changes)
    for spec in holders(wanted, changes, action_id):
        left = tuple(key for key in keys_of(spec, changes) if portable(key) not in wanted)
        result[spec.action_id] = left
    result[action_id] = wanted
    return _needed(result)


def reset(changes: Mapping[str, tuple[str, ...]], action_id: str) -> Changes:
    """The changes after an action got the keys of the table back."""
    return assigned(changes, action_id, find(action_id).shortcuts)


def is_reserved(keys: str) -> bool:
    """Whether a key moves around in the program and cannot be a shortcut by itself."""
    return portable(keys).removeprefix("Shift+") in _RESERVED


def portable(keys: str) -> str:
    """A key as Qt writes it on every platform; empty when it is none."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.PortableText)


def native(keys: str) -> str:
    """A key as this platform and language write it, e.g. "⌘E" or "Strg+E"."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


def to_json(changes: Mapping[str, tuple[str, ...]]) -> str:
    """For the settings file."""
    return json.dumps({key: list(value) for key, value in sorted(changes.items())})


def from_json(text: str) -> Changes:
    """Changes from the settings file; whatever does not fit the table any more is left out.

    Where a key occurs twice, as after a new version brought it to another action, the user's
    choice is kept.
    """
    try:
        stored = json.loads(text) if text else {}
    except ValueError:
        return {}
    known = {spec.action_id for spec in ACTIONS}
    result: Changes = {}
    for action_id, keys in stored.items() if isinstance(stored, dict) else ():
        if action_id in known and isinstance(keys, list) and all(_is_key(key) for key in keys):
            result = assigned(result, action_id, keys)
    return result


def _is_key(text: object) -> bool:
    return isinstance(text, str) and bool(portable(text)) and not is_reserved(text)


def _needed(changes: Changes) -> Changes:
    """Without those that say what the table says."""
    return {
        action_id: keys
        for action_id, keys in changes.items()
        if keys != tuple(portable(key) for key in find(action_id).shortcuts)
    }
