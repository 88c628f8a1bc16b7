"""Undo and redo: runs commands, keeps what changed, within a budget of bytes."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from editor.commands.command import Command
from editor.commands.packer import Packer
from editor.document.delta import StateDelta, describe, diff
from editor.document.document import Document
from editor.document.errors import DocumentError
from editor.document.events import Signal
from editor.document.state import DocumentState
from editor.document.way_back import WayBack
from editor.translations import tr

DEFAULT_BUDGET_BYTES = 512 * 2**20


@dataclass
class _Step:
    """One undo step. `token` names the content after it; a merged step gets a new one.

    Attributes:
        way: From the state after the step to the one before it; once undone, the other way round.
        counted_bytes: Size of `way` in the history's sum; packing makes it smaller later.
    """

    label: str
    icon: str
    way: WayBack
    token: int
    merge_key: Hashable | None
    selected_before: tuple[str, ...]
    selected_after: tuple[str, ...]
    counted_bytes: int = 0


@dataclass(frozen=True)
class HistoryStep:
    """A step as the history panel shows it; `done` is False when it was undone.

    Attributes:
        icon: Name of its picture; empty = the usual one.
    """

    label: str
    done: bool
    icon: str = ""


@dataclass
class _Gesture:
    """A drag in progress: what Escape goes back to."""

    state: DocumentState
    token: int
    undone: list[_Step]
    selected_ids: tuple[str, ...]
    merge_base: DocumentState | None = None  # state before the step that further commands join


class History:
    """The undo stack of one document; the only way to change it. Interface thread only.

    Older steps go when the pixels that the steps hold exceed the budget; the newest is always
    kept, whatever its size. Undoing drops nothing: it only moves pixels between the document and
    the history.

    Signals:
        changed: After push, undo, redo, save point or clear (the event is the history).
    """

    def __init__(self, document: Document, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self.document = document
        self.budget_bytes = budget_bytes
        self.changed: Signal[History] = Signal()
        self._done: list[_Step] = []
        self._done_bytes = 0
        self._undone: list[_Step] = []  # next to redo last
        self._tokens = itertools.count(1)
        self._base_token = 0
        self._saved_token: int | None = 0
        self._newest_token: int | None = None  # of the step of the last command, if it made one
        self._gesture: _Gesture | None = None
        self._running = False
        self._packer = Packer()
        self._unsettled: list[_Step] = []  # done steps that packing will make smaller

    def push(self, command: Command, *, joins_last: bool = False) -> None:
        """Run a command and remember how to undo it; what was undone before is forgotten.

        A command that changes nothing leaves no step.

        Args:
            joins_last: It becomes a part of the step that the last command made, if both have the
                same merge key, though no gesture holds them together; not of a step that was saved.

        Raises:
            DocumentError: The command is refused; the document is unchanged.
        """
        with self._exclusive():
            before = self.document.snapshot()
            after = command.apply(before)
            joined = self._newest_for(command, before) if joins_last else self._joined(command)
            self._newest_token = None
            delta = diff(before, after)
            if delta.is_empty:
                self._select(command.selects)
                return
            selected_before = self.document.selected_ids
            failure = self._swap(before, after, delta)
            self._select(command.selects)
            if command.undoable:
                self._remember(command, delta, before, after, selected_before, joined=joined)
            self._announce(failure)

    def undo(self) -> None:
        """Take the last step back; nothing happens when there is none."""
        self.end_gesture()
        if not self._done:
            return
        with self._exclusive():
            step = self._done[-1]
            failure = self._walk(step)
            self._undone.append(self._taken())
            self._pack()
            if step.way.changes_structure:
                self._select(step.selected_before)
            self._announce(failure)

    def redo(self) -> None:
        """Do the last undone step again; nothing happens when there is none."""
        self.end_gesture()
        if not self._undone:
            return
        with self._exclusive():
            step = self._undone[-1]
            failure = self._walk(step)
            self._put(self._undone.pop())
            self._pack()
            if step.way.changes_structure:
                self._select(step.selected_after)
            self._announce(failure)

    # Gestures

    @contextmanager
    def gesture(self) -> Iterator[None]:
        """Between press and release: commands with equal merge keys become one step.

        An error inside takes the gesture back.
        """
        self.begin_gesture()
        try:
            yield
        except BaseException:
            self.cancel_gesture()
            raise
        self.end_gesture()

    def begin_gesture(self) -> None:
        """Start of a drag; ends one that was not ended."""
        self.end_gesture()
        self._gesture = _Gesture(
            self.document.snapshot(), self._token, list(self._undone), self.document.selected_ids
        )

    def end_gesture(self) -> None:
        """End of a drag; later commands start a new step. Without a gesture nothing happens."""
        if self._gesture is not None:
            self._gesture = None
            self._pack()

    def cancel_gesture(self) -> None:
        """Take back everything since begin_gesture and forget it, as Escape does in a drag."""
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        with self._exclusive():
            before = self.document.snapshot()
            delta = diff(before, gesture.state)
            failure = None if delta.is_empty else self._swap(before, gesture.state, delta)
            while self._done and self._token != gesture.token:
                self._taken().way.cancel()
            self._undone = gesture.undone
            self._select(gesture.selected_ids)
            self._announce(failure)

    @property
    def in_gesture(self) -> bool:
        return self._gesture is not None

    # What menus and the history panel show

    @property
    def can_undo(self) -> bool:
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        return bool(self._undone)

    @property
    def undo_label(self) -> str:
        """Label of the step that undo takes back; empty when there is none."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """Label of the step that redo does; empty when there is none."""
        return self._undone[-1].label if self._undone else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """All steps, oldest first, those undone included."""
        return tuple(step.label for step in (*self._done, *reversed(self._undone)))

    @property
    def position(self) -> int:
        """Number of steps done; `labels[position:]` are undone."""
        return len(self._done)

    def steps(self) -> tuple[HistoryStep, ...]:
        """All steps for a list, oldest first, those undone included."""
        done = (HistoryStep(step.label, True, step.icon) for step in self._done)
        undone = (HistoryStep(step.label, False, step.icon) for step in reversed(self._undone))
        return (*done, *undone)

    def go_to(self, index: int) -> None:
        """Undo or redo until `index` steps are done (0 = none, at most the number of steps).

        Raises DocumentError for an index that no step leads to.
        """
        if not 0 <= index <= len(self._done) + len(self._undone):
            raise DocumentError(tr("That step is no longer in the history."), str(index))
        while len(self._done) > index:
            self.undo()
        while len(self._done) < index:
            self.redo()

    @property
    def byte_size(self) -> int:
        """Bytes that the steps hold, counted as if they shared no pixels: an upper bound.

        Becomes smaller when a worker has compressed the last steps; see `finish_packing`.
        """
        self._settle()
        return self._done_bytes + sum(step.way.byte_size for step in self._undone)

    def finish_packing(self) -> None:
        """Wait until what the steps hold is compressed, e.g. to measure it."""
        self._packer.finish()
        self._settle()

    # Save point

    @property
    def is_clean(self) -> bool:
        """True when the content is that of the last `mark_saved` (or the first one)."""
        return self._saved_token == self._token

    def save_point(self) -> int:
        """Names the present content, for `mark_saved` once it is written."""
        return self._token

    def mark_saved(self, save_point: int | None = None) -> None:
        """Content was saved: that of a save point, whatever came since; None = the present one."""
        if save_point is None:
            self.end_gesture()  # a later command shall not join the saved step
            save_point = self._token
        self._saved_token = save_point
        self._announce()

    def mark_unsaved(self) -> None:
        """The content is in no file: modified until it is saved, whatever is undone."""
        self._saved_token = None
        self._announce()

    def clear(self) -> None:
        """Forget all steps; the content and the modified mark stay."""
        self.end_gesture()
        self._base_token = self._token
        for step in (*self._done, *self._undone):
            step.way.cancel()
        self._done.clear()
        self._done_bytes = 0
        self._unsettled.clear()
        self._undone.clear()
        self._announce()

    # Inside

    @property
    def _token(self) -> int:
        return self._done[-1].token if self._done else self._base_token

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Refuse changes that listeners ask for while another change is announced."""
        if self._running:
            raise DocumentError(
                tr("The document was changed while it announced another change."),
                "a listener of the document or the history called the history",
            )
        self._running = True
        try:
            yield
        finally:
            self._running = False

    def _swap(
        self, before: DocumentState, after: DocumentState, delta: StateDelta
    ) -> Exception | None:
        """Change the content; returns the error of a listener that failed after the change."""
        try:
            with self.document.command_running():
                self.document.replace_state(after, describe(delta, before, after))
        except Exception as error:
            if self.document.snapshot() is not after:
                raise
            return error  # the step must be remembered all the same
        return None

    def _remember(
        self,
        command: Command,
        delta: StateDelta,
        before: DocumentState,
        after: DocumentState,
        selected_before: tuple[str, ...],
        *,
        joined: tuple[_Step, DocumentState] | None,
    ) -> None:
        label, icon = command.label, command.icon
        if joined is not None:
            last, merge_base = joined
            delta = diff(merge_base, after)
            label, icon, selected_before = last.label, last.icon, last.selected_before
            self._taken().way.cancel()
        elif self._gesture is not None:
            self._gesture.merge_base = before
        self._forget_undone()
        if delta.is_empty:  # a drag that came back to where it began
            if self._gesture is not None:
                self._gesture.merge_base = None
            return
        step = _Step(
            label,
            icon,
            WayBack.of(delta),
            next(self._tokens),
            command.merge_key,
            selected_before,
            self.document.selected_ids,
        )
        self._newest_token = step.token
        self._put(step)
        self._pack()
        self._trim()

    def _joined(self, command: Command) -> tuple[_Step, DocumentState] | None:
        """The step of this gesture that a command joins and the state before it, or None."""
        gesture = self._gesture
        if gesture is None or gesture.merge_base is None or command.merge_key is None:
            return None
        last = self._done[-1] if self._done else None
        if last is None or last.token == gesture.token or last.merge_key != command.merge_key:
            return None
        return last, gesture.merge_base

    def _newest_for(
        self, command: Command, state: DocumentState
    ) -> tuple[_Step, DocumentState] | None:
        """The step that a command joins without a gesture and the state before it, or None."""
        last = self._done[-1] if self._done else None
        if last is None or last.token != self._newest_token or self.is_clean:
            return None
        if command.merge_key is None or last.merge_key != command.merge_key:
            return None
        return last, last.way.apply(state)

    def _walk(self, step: _Step) -> Exception | None:
        """Go the step's way and turn it round; returns the error of a listener that failed."""
        before = self.document.snapshot()
        after = step.way.apply(before)
        delta = diff(before, after)
        failure = self._swap(before, after, delta)
        way = WayBack.of(delta, known=step.way)
        step.way.cancel()
        step.way = way
        return failure

    def _pack(self) -> None:
        """Have a worker compress the pixels of the last steps; during a gesture they may change."""
        if self._gesture is None:
            for step in (*self._unsettled, *self._undone[-1:]):
                self._packer.pack(step.way.packs)

    def _settle(self) -> None:
        """Count what packing has saved so far."""
        waiting = []
        for step in self._unsettled:
            self._done_bytes -= step.counted_bytes
            step.counted_bytes = step.way.byte_size
            self._done_bytes += step.counted_bytes
            if not step.way.is_packed:
                waiting.append(step)
        self._unsettled = waiting

    def _trim(self) -> None:
        """Drop the oldest steps until the budget holds. Nothing can be redone at this moment."""
        if self._done_bytes > self.budget_bytes:
            self._settle()
        while self._done_bytes > self.budget_bytes and len(self._done) > 1:
            oldest = self._done.pop(0)
            self._uncount(oldest)
            self._base_token = oldest.token

    def _put(self, step: _Step) -> None:
        self._done.append(step)
        step.counted_bytes = step.way.byte_size
        self._done_bytes += step.counted_bytes
        if not step.way.is_packed:
            self._unsettled.append(step)

    def _taken(self) -> _Step:
        step = self._done.pop()
        self._uncount(step)
        return step

    def _uncount(self, step: _Step) -> None:
        self._done_bytes -= step.counted_bytes
        self._unsettled = [other for other in self._unsettled if other is not step]

    def _forget_undone(self) -> None:
        if self._gesture is None:  # else Escape may bring them back
            for step in self._undone:
                step.way.cancel()
        self._undone.clear()

    def _select(self, layer_ids: tuple[str, ...] | None) -> None:
        if layer_ids is not None:
            self.document.select(i for i in layer_ids if self.document.has_layer(i))

    def _announce(self, failure: Exception | None = None) -> None:
        self.document.set_modified(not self.is_clean)
        self.changed.emit(self)
        if failure is not None:
            raise failure
