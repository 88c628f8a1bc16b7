"""Errors of the engine: each has one sentence for the user and a detail for the log."""

from __future__ import annotations

from engine.sentences import sentence


class EngineError(Exception):
    """Something the engine could not do.

    Attributes:
        message: One sentence for the user; names the field or file and says what to do.
        detail: More for the log; may be empty.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class RequestError(EngineError):
    """A request that can never succeed: empty prompt, impossible size, a box off the canvas."""


class CheckpointError(EngineError):
    """Weights that are missing, truncated or do not fit the model."""


class JobCancelled(EngineError):
    """Raised inside the worker when the user cancelled the job; never shown as a failure."""

    def __init__(self) -> None:
        super().__init__(sentence("The job was cancelled."))
