"""The real engine behind the service: loads the starter model once and runs jobs on it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.checkpoints.safetensors_files import load_checked
from engine.checkpoints.starter import (
    STARTER_FOLDER,
    clear_likeness,
    joint_background,
    load_starter,
    load_starter_backgrounds,
    load_starter_concepts,
)
from engine.errors import CheckpointError, RequestError
from engine.libraries import importing, load_libraries
from engine.models.feature_net import FeatureNet
from engine.models.text_encoders import SentenceEncoder
from engine.pipelines.almost_nothing import note_empty, refuse_empty
from engine.pipelines.alpha_of_drawings import net_for
from engine.pipelines.binding import ConceptJudge
from engine.pipelines.generate import generate_layout
from engine.pipelines.job_reporter import JobReporter
from engine.pipelines.layer_model import LayerModel
from engine.pipelines.layer_regeneration import regenerate_layer
from engine.pipelines.picture_upscaling import upscale_pictures
from engine.pipelines.repetition import RunCache, repeat_layer
from engine.pipelines.upscaler import Upscaler, load_upscaler
from engine.progress import Phase, PhaseRates, Progress
from engine.prompts.languages.languages import load_languages
from engine.prompts.vocabulary.concepts import ConceptTable
from engine.prompts.vocabulary.vocabulary import Vocabulary
from engine.requests import (
    STARTER_NAME,
    AlphaRoute,
    LayerRequest,
    LayerResult,
    LayoutRequest,
    LayoutResult,
    Request,
    Result,
    TrialRequest,
)
from engine.requests.upscale import UpscaleRequest
from engine.sentences import sentence

if TYPE_CHECKING:
    from engine.pipelines.full_size_job import FullSizeModels

FEATURE_NET_FILE = "feature_net.safetensors"


class StarterRuntime:
    """Runs jobs on the starter model; lives in the worker thread (`EngineRuntime`).

    Args:
        folder: The model's files; None = the shipped ones.
        make_upscaler: Loads the network that enlarges, by the name or path in the request.
        models: Where the list of full-size models is kept; None = there are none.
    """

    def __init__(
        self,
        folder: Path | None = None,
        make_upscaler: Callable[[str], Upscaler] | None = None,
        models: Path | None = None,
    ) -> None:
        self._folder = folder or STARTER_FOLDER
        self._make_upscaler = make_upscaler or load_upscaler
        self._models = models
        self._full_size: FullSizeModels | None = None
        self._model: LayerModel | None = None
        self._upscalers: dict[str, Upscaler] = {}
        self._rates: dict[str, PhaseRates] = {}  # of each model: a large one is no measure
        self._last_run = RunCache()

    def run(
        self,
        request: Request,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Result:
        """Does a job; the first one loads the weights.

        Raises:
            CheckpointError: The weights cannot be loaded; the next job tries again.
            RequestError: The request can never succeed; another checkpoint was asked for, or a file
                that is no matting model.
            EngineError: The model drew almost nothing for the layer that was asked for.
            JobCancelled: `cancelled` said so.
        """
        result = self._run(request, report, cancelled)
        if isinstance(request, LayerRequest) and isinstance(result, LayerResult):
            return refuse_empty(result, request)
        return note_empty(result) if isinstance(result, LayoutResult) else result

    def _run(
        self,
        request: Request,
        report: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> Result:
        rates = self._rates.setdefault(request.checkpoint, PhaseRates())
        job = JobReporter(report, cancelled, rates)
        if isinstance(request, LayoutRequest | LayerRequest) and request.matting_model:
            # Before minutes of drawing, and whether or not the route comes to need it.
            net_for(request.matting_model, AlphaRoute.MATTING)
        if isinstance(request, UpscaleRequest):
            return upscale_pictures(request, lambda: self._upscaler(request.checkpoint, job), job)
        if isinstance(request, TrialRequest):
            return self._full_size_models(request.checkpoint).try_out(request, job)
        if request.checkpoint != STARTER_NAME:
            return self._full_size_models(request.checkpoint).run(request, job)
        if self._model is None:
            job.enter(Phase.LOAD, 1.0)
        model = self.load()
        if isinstance(request, LayerRequest):
            if request.repeat is not None:
                return repeat_layer(model, request, job, self._last_run)
            return regenerate_layer(model, request, job)
        return generate_layout(model, request, job)

    def load(self) -> LayerModel:
        """The model; the first call loads it. Raises CheckpointError, the next call tries again."""
        if self._model is None:
            with importing():
                self._model = load_layer_model(self._folder)
            gc.freeze()  # the weights' many small objects need not be walked through again
        return self._model

    def _full_size_models(self, checkpoint: str) -> FullSizeModels:
        """Whoever runs what the user has brought; imported and made when it is first asked for."""
        if self._models is None:
            raise RequestError(
                sentence(
                    'The model "{checkpoint}" is not installed; choose "{known}".',
                    checkpoint=checkpoint,
                    known=STARTER_NAME,
                )
            )
        if self._full_size is None:
            load_libraries()
            from engine.checkpoints.shelf import Shelf
            from engine.pipelines.full_size_job import FullSizeModels

            self._full_size = FullSizeModels(Shelf(self._models), lambda: self.load().words)
        return self._full_size

    def _upscaler(self, checkpoint: str, job: JobReporter) -> Upscaler:
        """The network that enlarges; kept for the next job."""
        if checkpoint not in self._upscalers:
            job.enter(Phase.LOAD, 1.0)
            self._upscalers = {checkpoint: self._make_upscaler(checkpoint)}
        return self._upscalers[checkpoint]


def load_layer_model(folder: Path) -> LayerModel:
    """Networks, vocabulary and judge of the starter model.

    Raises:
        CheckpointError: A file is missing, cut off or does not fit; the message names it.
    """
    if not folder.is_dir():
        raise CheckpointError(
            sentence(
                "The folder {folder} with the starter model is missing; install Layerloom again.",
                folder=folder,
            )
        )
    checkpoint = load_starter(folder)
    text = checkpoint.text
    if not isinstance(text, SentenceEncoder):
        raise TypeError("the starter's text encoder finds the concepts")
    load_checked(folder / "concepts.safetensors")  # names the file where the table's loader cannot
    concepts = load_starter_concepts(text, folder)
    words = Vocabulary(concepts, load_starter_backgrounds(text), load_languages(folder))
    judge = load_judge(folder / FEATURE_NET_FILE, concepts)
    bars = clear_likeness(folder)
    return LayerModel(checkpoint, words, judge, joint_background(folder), bars)


def load_judge(path: Path, concepts: ConceptTable) -> ConceptJudge:
    """The feature net with the prototypes of all concepts.

    Raises:
        CheckpointError: The file is missing, cut off or does not fit the concept table.
    """
    weights = load_checked(path)
    try:
        net = FeatureNet.from_state_dict(weights)
        labels = [concept.label for concept in concepts.concepts]
        return ConceptJudge(net, weights["prototypes"], labels)
    except (KeyError, RuntimeError, ValueError) as error:
        raise CheckpointError(
            sentence(
                "{path} does not fit the concepts of the starter model; install Layerloom again.",
                path=path,
            ),
            str(error),
        ) from error
