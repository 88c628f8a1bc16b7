"""What the window says of full-size models: the known ones and those on this computer.

The only place where the window's model manager meets the engine. Everything here may take a while
(files are read), so it is called from a background thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from editor.document.errors import DocumentError
from editor.translations import decimal, mark, tr, tr_sentence
from engine.errors import EngineError
from engine.libraries import load_libraries
from engine.requests import STARTER_NAME

STARTER_KEY = STARTER_NAME


class ModelState(StrEnum):
    """Where a model stands, in the order of the list."""

    BUILT_IN = "built_in"
    READY = "ready"
    CHANGED = "changed"  # a file is gone or is not what was checked
    ON_HUB = "on_hub"  # can be downloaded
    TO_BRING = "to_bring"  # cannot: the user has it or not


STATE_NAMES = {
    ModelState.BUILT_IN: mark("Built in"),
    ModelState.READY: mark("Ready"),
    ModelState.CHANGED: mark("Files changed"),
    ModelState.ON_HUB: mark("Not downloaded"),
    ModelState.TO_BRING: mark("Bring it yourself"),
}
FEATURE_NAMES = {
    "text_to_layers": mark("all layers at once"),
    "layer_flux": mark("single layers"),
    "multi_layer_flux": mark("a sentence per box"),
    "matting": mark("cutting out"),
    "upscale": mark("upscaling"),
}
# Layout -> features, where the catalogue does not know the model.
_FEATURES_BY_LAYOUT = {"onnx_file": ("matting",)}


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A row of the model manager.

    Attributes:
        key: Of a model on this computer its name, else its id in the catalogue.
        features: Names of what it unlocks, for people; empty = a part that other models need.
        licence, allows: Its name, and in a sentence what it lets people do.
        commercial: Whether it plainly allows commercial use.
        bytes: Of all weights; 0 = not known.
        path: Where it lies; empty = not here.
        hub: Its name on the hub; empty = no download.
        gated: Whether the hub asks for a token.
        changed: Files that are not what was checked.
        makes_pictures: Whether it makes layers or pictures from words by itself.
    """

    key: str
    title: str
    state: ModelState
    features: tuple[str, ...]
    licence: str
    allows: str
    commercial: bool
    bytes: int
    note: str = ""
    path: str = ""
    hub: str = ""
    gated: bool = False
    recommended: bool = False
    changed: tuple[str, ...] = ()
    makes_pictures: bool = False

    @property
    def is_here(self) -> bool:
        """Whether its files are on this computer."""
        return self.state in (ModelState.READY, ModelState.CHANGED)

    @property
    def size(self) -> str:
        """For people: "23.8 GB"."""
        if not self.bytes:
            return tr("size not known")
        if self.bytes < 10**9:
            return tr("{size} MB", size=-(-self.bytes // 10**6))
        return tr("{size} GB", size=decimal(self.bytes / 1e9, 1))


def starter_entry(folder: Path) -> ModelEntry:
    """The embedded model."""
    files = (path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else ()
    return ModelEntry(
        key=STARTER_KEY,
        title=tr("Starter"),
        state=ModelState.BUILT_IN,
        features=tuple(tr(FEATURE_NAMES[name]) for name in ("text_to_layers", "layer_flux")),
        licence="Apache-2.0",
        allows=tr("Free for any use, commercial use included."),
        commercial=True,
        bytes=sum(path.stat().st_size for path in files),
        note=tr("Small, trained from scratch on openly licensed art; runs on every processor."),
        path=str(folder),
    )


USUAL_STEPS = 28  # of ART and FLUX.1 dev


@dataclass(frozen=True, slots=True)
class LayoutSize:
    """How large a job of a whole document would be.

    Attributes:
        covered: Pixels in all boxes together.
    """

    width: int
    height: int
    boxes: int
    covered: int
    steps: int


Report = Callable[[int, int], object]
Cancelled = Callable[[], bool]


class ModelLibrary:
    """The models on this computer and the known ones, for the window.

    Args:
        folder: Where the list of models is kept.
        starter: Folder of the embedded model.
    """

    def __init__(self, folder: Path, starter: Path) -> None:
        self._folder = folder
        self.starter = starter

    def entries(self) -> tuple[ModelEntry, ...]:
        """All rows: the starter, what is here, what can be had; recommended ones first."""
        from engine.checkpoints.catalogue import catalogue
        from engine.checkpoints.shelf import Shelf

        known = {entry.model_id: entry for entry in catalogue()}
        here = Shelf(self._folder).models()
        rows = [starter_entry(self.starter)]
        for model in here:
            entry = known.get(model.model_id)
            rows.append(
                ModelEntry(
                    key=model.name,
                    title=tr(model.title),
                    state=ModelState.CHANGED if model.changed else ModelState.READY,
                    features=_features(
                        entry.unlocks if entry else _FEATURES_BY_LAYOUT.get(model.layout, ())
                    ),
                    licence=tr(entry.licence.name) if entry else tr("not known"),
                    allows=tr(entry.licence.allows) if entry else "",
                    commercial=bool(entry and entry.licence.commercial),
                    bytes=model.bytes,
                    note=tr(model.notice),
                    path=model.path,
                    changed=model.changed,
                    makes_pictures=bool(entry and entry.makes_pictures),
                )
            )
        there = {model.model_id for model in here}
        for entry in known.values():
            if entry.model_id in there:
                continue
            rows.append(
                ModelEntry(
                    key=entry.model_id,
                    title=tr(entry.title),
                    state=ModelState.ON_HUB if entry.hub else ModelState.TO_BRING,
                    features=_features(entry.unlocks),
                    licence=tr(entry.licence.name),
                    allows=tr(entry.licence.allows),
                    commercial=entry.licence.commercial,
                    bytes=entry.bytes,
                    note=tr(entry.note),
                    hub=entry.hub or "",
                    gated=entry.gated,
                    recommended=entry.recommended,
                )
            )
        return tuple(rows)

    def add(self, path: Path, report: Report, cancelled: Cancelled) -> str:
        """Checks a folder or file and puts it on the list -> its key.

        Raises:
            DocumentError: It is not known, damaged, or does not fit. Also of the other methods.
        """
        load_libraries()
        from engine.checkpoints.shelf import Shelf

        with _spoken():
            return Shelf(self._folder).add(path, report=report, cancelled=cancelled).name

    def check(self, key: str, report: Report, cancelled: Cancelled) -> None:
        """Reads a model through again; refuses when it is not what it was."""
        load_libraries()
        from engine.checkpoints.shelf import Shelf

        with _spoken():
            Shelf(self._folder).check(key, report, cancelled)

    def remove(self, key: str) -> None:
        """Takes a model off the list; the user's own files stay."""
        from engine.checkpoints.shelf import Shelf

        with _spoken():
            Shelf(self._folder).remove(key)

    def download(self, key: str, token: str, report: Report, cancelled: Cancelled) -> str:
        """Fetches a known model -> its key on the list."""
        load_libraries()
        from engine.checkpoints.catalogue import known_model
        from engine.checkpoints.downloads import FetchOptions, fetch_model
        from engine.checkpoints.shelf import Shelf

        shelf = Shelf(self._folder)
        options = FetchOptions(token=token)
        with _spoken():
            path = fetch_model(known_model(key), shelf.downloads / key, options, report, cancelled)
            return shelf.add(path, name=key, fetched=True, cancelled=cancelled).name

    def plan(self, entry: ModelEntry) -> str:
        """How a job would run on this computer, as a sentence; empty when nothing is known.

        What is here is planned by its own files, as beside the choice of model.
        """
        load_libraries()
        if entry.is_here and entry.makes_pictures and entry.key != STARTER_KEY:
            return "" if entry.changed else self._plan_here(entry.key)
        from engine.checkpoints.catalogue import Feature, catalogue
        from engine.checkpoints.shelf import Shelf
        from engine.memory.estimate import Work
        from engine.memory.machine import this_machine
        from engine.memory.measured import MEASURED_FILE, load_measured
        from engine.memory.plan import make_plan, why_not_here

        model_id, layout = entry.key, ""
        if entry.is_here:
            model = Shelf(self._folder).get(entry.key)
            model_id, layout = model.model_id, model.layout
        known = next((one for one in catalogue() if one.model_id == model_id), None)
        features = [] if known is None else [f for f in known.unlocks if f is not Feature.MATTING]
        if known is None or not features or len(known.components) < 2:
            return ""
        measured = load_measured(self._folder / MEASURED_FILE)
        plan = make_plan(
            known,
            Work(features[0]),
            this_machine(),
            measured,
            unusable=lambda way: why_not_here(way, layout),
        )
        return tr_sentence(plan.reason)

    def _plan_here(self, key: str) -> str:
        """The plan of a model on the list for a picture of the usual size, or what is missing."""
        from engine.checkpoints.catalogue import Feature, known_model
        from engine.checkpoints.shelf import Shelf
        from engine.memory.estimate import Work

        steps = known_model(Shelf(self._folder).get(key).model_id).steps or USUAL_STEPS
        usual = Work(Feature.TEXT_TO_LAYERS)
        covered = round(usual.width * usual.height * usual.box_share * usual.boxes)
        size = LayoutSize(usual.width, usual.height, usual.boxes, covered, steps)
        try:
            return self.plan_layout(key, size)
        except DocumentError as error:
            return error.message

    def attention(self) -> tuple[dict[str, str], str]:
        """(kernel -> why it cannot be used here, empty = it can; what "auto" takes, and why)."""
        load_libraries()
        from engine.memory.machine import this_machine
        from engine.memory.placement import torch_device
        from engine.models.attention import described

        reasons, chosen = described(torch_device(this_machine().device))
        return {name: tr_sentence(text) for name, text in reasons.items()}, tr_sentence(chosen)

    def has_models(self) -> bool:
        """Whether anything was ever brought; asked at the start, where nothing may be imported."""
        return self._folder.is_dir()

    def plan_layout(self, key: str, size: LayoutSize) -> str:
        """How a job would run here; when it cannot, what is in the way."""
        load_libraries()
        from engine.checkpoints.shelf import Shelf
        from engine.memory.layout_plan import plan_document

        with _spoken():
            shelf = Shelf(self._folder)
            plan = plan_document(
                shelf, shelf.get(key), size.width, size.height,
                boxes=size.boxes, covered=size.covered, steps=size.steps,
            )  # fmt: skip
        return tr_sentence(plan.reason)


@contextmanager
def _spoken() -> Iterator[None]:
    """Errors of the engine as errors that the window shows, in its language."""
    try:
        yield
    except EngineError as error:
        raise DocumentError(tr_sentence(error.message), error.detail) from error


def _features(unlocks: Iterable[object]) -> tuple[str, ...]:
    return tuple(tr(FEATURE_NAMES[str(feature)]) for feature in unlocks)
