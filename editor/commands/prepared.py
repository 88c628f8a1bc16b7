"""A command whose result was computed beforehand, in a worker: pushing it takes no time."""

from __future__ import annotations

from dataclasses import dataclass

from editor.commands.command import Command
from editor.document.state import DocumentState


@dataclass(frozen=True, eq=False)
class Prepared(Command):
    """`command` with its result for one state; for any other state it is computed again.

    Attributes:
        before: The state that `after` was computed from.
    """

    command: Command
    before: DocumentState
    after: DocumentState

    @property
    def label(self) -> str:
        return self.command.label

    @property
    def icon(self) -> str:
        return self.command.icon

    @property
    def selects(self) -> tuple[str, ...] | None:
        return self.command.selects

    def apply(self, state: DocumentState) -> DocumentState:
        return self.after if state is self.before else self.command.apply(state)


def prepare(command: Command, state: DocumentState) -> Prepared:
    """Compute a command's result for a state; any thread. Raises DocumentError when refused."""
    return Prepared(command, state, command.apply(state))
