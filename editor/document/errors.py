"""Errors of the document: each has one sentence for the user and a detail for the log."""

from __future__ import annotations


class DocumentError(Exception):
    """A change the document refuses: a locked layer, an impossible size, an unknown layer.

    Attributes:
        message: One sentence for the user; names the layer or field and says what to do.
        detail: More for the log; may be empty.
    """

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class LayoutError(DocumentError):
    """A layout file or box that cannot be used; the message names the field."""


class RecordError(DocumentError):
    """A generation record that cannot be read; the message names the field."""
