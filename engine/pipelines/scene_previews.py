"""Rough pictures of all layers of a job while they are denoised, at most a few per second."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from engine.pipelines.document_pixels import preview_pixels
from engine.pipelines.drawings import Drawing
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_making import BACKGROUND_ENTRY, FIRST_OBJECT, make_preview
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layout_to_layers import RegionStep
from engine.progress import LayerPreview
from engine.requests import Corners


class ScenePreviews:
    """Counts the steps of one or several runs of the sampler and shows what they have so far.

    Args:
        background: Its layer id, name and box.
        drawings: In the order of the entries from `FIRST_OBJECT`.
        steps: Of all runs together.
    """

    def __init__(
        self,
        model: LayerModel,
        job: JobReporter,
        background: tuple[str, str, Corners],
        drawings: Sequence[Drawing],
        steps: int,
    ) -> None:
        self._model, self._job = model, job
        self._background_id = background[0]
        items = [(drawing.item.layer_id, drawing.item.name, drawing.rect) for drawing in drawings]
        self._rows = {BACKGROUND_ENTRY: background, **dict(enumerate(items, FIRST_OBJECT))}
        self._shown: dict[int, LayerPreview] = {}
        self._done, self._steps = 0, steps

    def on_step(self, step: RegionStep) -> None:
        """Reports the step. Raises JobCancelled when the job is to stop."""
        self._done += 1
        previews: tuple[LayerPreview, ...] = ()
        if step.index + 1 == step.steps or self._job.preview_due():
            self._update(step.clean_estimate())
            previews = tuple(self._shown[entry] for entry in sorted(self._shown))
        self._job.step(self._done, self._steps, previews)

    def replaced(self, index: int, drawing: Drawing) -> tuple[LayerPreview, ...]:
        """All pictures with that of an object replaced by a finished drawing of it."""
        if drawing.pixels is None or not self._shown:
            return ()
        item, rgba = drawing.item, preview_pixels(drawing.pixels)
        self._shown[FIRST_OBJECT + index] = LayerPreview(
            item.layer_id, item.name, drawing.rect, rgba
        )
        return tuple(self._shown[entry] for entry in sorted(self._shown))

    def _update(self, clean: Sequence[Tensor | None]) -> None:
        for entry, latents in enumerate(clean):
            if latents is None or entry not in self._rows:
                continue
            layer_id, name, box = self._rows[entry]
            made = make_preview(
                self._model,
                latents,
                layer_id=layer_id,
                name=name,
                box=box,
                opaque=layer_id == self._background_id,
            )
            if made is not None:
                self._shown[entry] = made
