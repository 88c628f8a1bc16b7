"""What is shown of a job: how far it is, in words and as a share, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass

from editor.document.errors import DocumentError
from editor.document.geometry import Rect
from editor.document.pixels import RgbaArray
from editor.translations import mark, tr, tr_sentence
from engine.errors import EngineError
from engine.progress import LayerPreview, Phase, Progress

LONG_S = 120.0  # from here on a quicker way to do a job is pointed out
PreviewRow = tuple[str, str, Rect, RgbaArray | None]


@dataclass(frozen=True, slots=True)
class JobProgressView:
    """What a progress bar shows.

    Attributes:
        text: The phase in words.
        share: Finished part, 0 to 1; never falls.
        eta_seconds: Wall time left; None = not known yet.
    """

    text: str
    share: float
    eta_seconds: float | None


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """A job that landed in the document.

    Attributes:
        notes: Sentences about what was understood or done differently.
        seconds: Wall time of the whole job.
        layer_count: Layers made.
    """

    notes: tuple[str, ...]
    seconds: float
    layer_count: int


class ProgressMeter:
    """The finished share of a job, by time where the time left is known, otherwise by steps."""

    def __init__(self) -> None:
        self._share = 0.0

    def view(self, progress: Progress, elapsed_s: float) -> JobProgressView:
        """What a bar shows after a report that came `elapsed_s` after the start."""
        self._share = max(self._share, _finished(progress, elapsed_s))
        text = phase_text(progress.phase)
        if progress.phase in (Phase.DENOISE, Phase.ALONE, Phase.ENLARGE) and progress.steps > 1:
            text = f"{text} · {progress.step}/{progress.steps}"
        return JobProgressView(text, self._share, progress.eta_seconds)


def _finished(progress: Progress, elapsed_s: float) -> float:
    if progress.eta_seconds is not None and elapsed_s > 0:
        return elapsed_s / (elapsed_s + progress.eta_seconds)
    done = progress.step / progress.steps
    return {Phase.DENOISE: 0.3 * done, Phase.ALONE: 0.3 + 0.6 * done}.get(progress.phase, 0.0)


def preview_row(preview: LayerPreview) -> PreviewRow:
    """As the canvas shows it."""
    return preview.layer_id, preview.name, Rect(*preview.box), preview.pixels


_PHASE_TEXTS = {
    Phase.LOAD: mark("Loading the model"),
    Phase.UNDERSTAND: mark("Reading the prompt"),
    Phase.DENOISE: mark("Drawing"),
    Phase.DECODE: mark("Making pixels"),
    Phase.CHECK: mark("Checking the objects"),
    Phase.ALONE: mark("Drawing the objects one by one"),
    Phase.FINISH: mark("Finishing"),
    Phase.PLAN: mark("Planning"),
    Phase.ENLARGE: mark("Upscaling"),
}


def phase_text(phase: Phase) -> str:
    """A phase in words."""
    return tr(_PHASE_TEXTS[phase])


def sentence_about(error: Exception) -> str:
    """For the user, about a result that could not be put into the document."""
    if isinstance(error, DocumentError | EngineError):
        return tr_sentence(error.message)
    if isinstance(error, MemoryError):
        return tr(
            "There is not enough memory for the result; make the picture smaller and try again."
        )
    return tr("The result could not be put into the document; the log has the details.")
