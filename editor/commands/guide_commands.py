"""Adding, moving and removing guides."""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace

from editor.commands.command import Command
from editor.document.errors import DocumentError
from editor.document.guides import Guide
from editor.document.layers import MAX_OFFSET_PX
from editor.document.state import DocumentState
from editor.translations import tr

MAX_GUIDES = 500


@dataclass(frozen=True)
class AddGuide(Command):
    """Add a guide after the others; one that is there already is not added again."""

    guide: Guide

    @property
    def label(self) -> str:
        return tr("Add Guide")

    def apply(self, state: DocumentState) -> DocumentState:
        _check_position(self.guide.position)
        if self.guide in state.guides:
            return state
        if len(state.guides) >= MAX_GUIDES:
            raise DocumentError(
                tr(
                    "A document holds at most {count} guides; remove some of them first.",
                    count=MAX_GUIDES,
                )
            )
        return replace(state, guides=(*state.guides, self.guide))


@dataclass(frozen=True)
class MoveGuide(Command):
    """Put a guide at another position; merges within a gesture.

    Attributes:
        index: Place of the guide in `DocumentState.guides`.
        position: In document pixels, rounded to 1/32.
    """

    index: int
    position: float

    @property
    def label(self) -> str:
        return tr("Move Guide")

    @property
    def merge_key(self) -> Hashable:
        return (MoveGuide, self.index)

    def apply(self, state: DocumentState) -> DocumentState:
        _check_position(self.position)
        _check_index(state, self.index)
        moved = Guide(state.guides[self.index].orientation, self.position)
        guides = (*state.guides[: self.index], moved, *state.guides[self.index + 1 :])
        return replace(state, guides=guides)


@dataclass(frozen=True)
class RemoveGuide(Command):
    """Remove one guide, by its place in `DocumentState.guides`."""

    index: int

    @property
    def label(self) -> str:
        return tr("Remove Guide")

    def apply(self, state: DocumentState) -> DocumentState:
        _check_index(state, self.index)
        return replace(state, guides=state.guides[: self.index] + state.guides[self.index + 1 :])


@dataclass(frozen=True)
class ClearGuides(Command):
    """Remove all guides."""

    @property
    def label(self) -> str:
        return tr("Clear Guides")

    def apply(self, state: DocumentState) -> DocumentState:
        return replace(state, guides=())


def _check_position(position: float) -> None:
    if not math.isfinite(position) or abs(position) > MAX_OFFSET_PX:
        raise DocumentError(tr("The guide would be too far from the canvas."))


def _check_index(state: DocumentState, index: int) -> None:
    if not 0 <= index < len(state.guides):
        raise DocumentError(tr("That guide is no longer in the document."))
