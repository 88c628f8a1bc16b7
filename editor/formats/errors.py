"""Errors of reading and writing files: one sentence for the user, a detail for the log."""

from __future__ import annotations

from editor.translations import tr


class FormatError(Exception):
    """A file that cannot be read or written.

    Attributes:
        message: One sentence for the user; names the file and says what to do.
        detail: More for the log; may be empty.
        needs_psb: The document is too large for a PSD, and a PSB could hold it.
    """

    needs_psb = False

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class SaveCancelled(FormatError):
    """The user stopped an export; the target is as it was before."""

    def __init__(self) -> None:
        super().__init__(tr("The export was cancelled; the file was not changed."))
