"""The models that the user has brought or fetched: linked where they are, never copied.

One JSON file in the user's data folder, written in one piece. Beside it are only files that the
program made itself: converted pickles, and what was fetched from the hub.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engine.checkpoints.atomic_json import read_json, write_json
from engine.checkpoints.catalogue import known_model
from engine.checkpoints.recognise import ART_CKPT, LAYER_EMBEDDING_FILE, Found, Layout, recognise
from engine.checkpoints.scan import FileHealth
from engine.errors import CheckpointError, RequestError
from engine.requests import STARTER_NAME
from engine.sentences import sentence

_LIST = "models.json"
# Pickles inside of folders: our name -> theirs.
INNER_PICKLES = {
    Layout.ART_SPLIT: {
        "layer_pe": f"{ART_CKPT}/{LAYER_EMBEDDING_FILE}",
        "transparent_decoder": "transparent_decoder_ckpt.pt",
    },
    Layout.CLD_LORA: {
        "layer_pe": f"decouple_LoRA/{LAYER_EMBEDDING_FILE}",
        "transparent_decoder": "trans_vae/0008000.pt",
    },
}


@dataclass(frozen=True, slots=True)
class ShelfModel:
    """A model on the shelf.

    Attributes:
        name: What the terminal and requests call it; unique.
        layout: A name of `Layout`.
        model_id: Its entry in the catalogue; "" = none.
        parameters: Values in all weights.
        files: As they were when they were checked.
        converted: Our name -> safetensors file made of a pickle inside of the folder.
        fetched: Whether the program fetched it, so that removing it removes its files.
    """

    name: str
    path: str
    layout: str
    model_id: str
    title: str
    notice: str
    parameters: int
    files: tuple[FileHealth, ...]
    converted: dict[str, str]
    fetched: bool = False

    @property
    def bytes(self) -> int:
        """Of all weight files."""
        return sum(file.bytes for file in self.files)

    @property
    def changed(self) -> tuple[str, ...]:
        """Files that are gone or are not what was checked."""
        lost = [path for path in self.converted.values() if not Path(path).is_file()]
        return (*(file.path for file in self.files if not file.is_current()), *lost)


class Shelf:
    """The list of models in a folder of the user's data.

    Args:
        folder: Made when something is put into it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def downloads(self) -> Path:
        """Where fetched models go, one folder each."""
        return self.folder / "fetched"

    def models(self) -> tuple[ShelfModel, ...]:
        """All models by name; entries that are damaged are left out."""
        made = []
        for name, fields in sorted(read_json(self.folder / _LIST).items()):
            try:
                files = tuple(FileHealth(**file) for file in fields["files"])
                made.append(ShelfModel(**fields | {"name": name, "files": files}))
            except (TypeError, KeyError):
                continue
        return tuple(made)

    def get(self, name: str) -> ShelfModel:
        """The model of this name. Raises RequestError naming those that there are."""
        models = self.models()
        for model in models:
            if model.name == name:
                return model
        known = ", ".join((STARTER_NAME, *(model.name for model in models)))
        raise RequestError(
            sentence('There is no model "{name}"; there are: {known}.', name=name, known=known)
        )

    def of_catalogue(self, model_id: str) -> ShelfModel | None:
        """The first model of an entry of the catalogue."""
        return next((model for model in self.models() if model.model_id == model_id), None)

    def adapter_base(self) -> ShelfModel | None:
        """FLUX.1 dev in a form that adapters can be merged into: a folder before a single file."""
        bases = [model for model in self.models() if model.model_id == "flux1-dev"]
        for layout in (Layout.FLUX1_FOLDER, Layout.FLUX1_FILE):
            for model in bases:
                if model.layout == layout.value:
                    return model
        return None

    def add(
        self,
        path: str | Path,
        *,
        name: str = "",
        fetched: bool = False,
        report: Callable[[int, int], object] = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ShelfModel:
        """Recognises and checks a file or folder, and puts it on the list.

        Args:
            fetched: It was got from the hub as the entry `name` of the catalogue, which says what
                it is where the file does not.

        Raises:
            CheckpointError: It is not known, damaged, or does not fit; nothing changes then.
            JobCancelled: `cancelled` said so.
        """
        found = recognise(Path(path).expanduser().absolute())
        if fetched and not found.model_id:
            known = known_model(name)
            found = replace(found, model_id=known.model_id, title=known.title, notice="")
        model = self._check(found, name, fetched, report, cancelled)
        content = read_json(self.folder / _LIST)
        fields = asdict(model)
        content[fields.pop("name")] = fields
        write_json(self.folder / _LIST, content)
        return model

    def check(
        self,
        name: str,
        report: Callable[[int, int], object] = lambda _done, _total: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ShelfModel:
        """Reads a model through again. Raises CheckpointError when it is not what it was."""
        before = self.get(name)
        found = recognise(before.path)
        after = self._check(found, name, before.fetched, report, cancelled)
        old = {file.path: file.sha256 for file in before.files}
        for file in after.files:
            if old.get(file.path, file.sha256) != file.sha256:
                raise CheckpointError(
                    sentence(
                        "{path} is not the file it was when it was added; if you changed it, "
                        "remove the model and add it again.",
                        path=file.path,
                    )
                )
        return after

    def remove(self, name: str) -> ShelfModel:
        """Takes a model off the list; the user's own files stay, ours go."""
        model = self.get(name)
        content: dict[str, Any] = read_json(self.folder / _LIST)
        content.pop(name, None)
        write_json(self.folder / _LIST, content)
        shutil.rmtree(self.folder / "converted" / name, ignore_errors=True)
        ours = Path(model.path)
        if model.fetched and ours.is_relative_to(self.downloads):
            shutil.rmtree(ours, ignore_errors=True)
        return model

    def _check(
        self,
        found: Found,
        name: str,
        fetched: bool,
        report: Callable[[int, int], object],
        cancelled: Callable[[], bool],
    ) -> ShelfModel:
        from engine.checkpoints.check import check_model  # torch is imported there

        checked = check_model(found, self._base(found), report, cancelled)
        unique = name or self._free_name(found)
        return ShelfModel(
            name=unique,
            path=str(found.path),
            layout=found.layout.value,
            model_id=found.model_id,
            title=str(found.title),
            notice=str(found.notice),
            parameters=checked.parameters,
            files=checked.files,
            converted=self._convert(found, unique),
            fetched=fetched,
        )

    def _base(self, found: Found) -> Any:
        """The transformer that adapters are for, as the user has it; None = as published."""
        from engine.checkpoints.architectures import Network, architecture
        from engine.checkpoints.check import component_config

        base = self.adapter_base()
        if found.layout not in INNER_PICKLES or base is None:
            return None
        if base.layout != Layout.FLUX1_FOLDER.value:
            return None
        config = component_config(Path(base.path) / "transformer", Network.FLUX1)
        return architecture(Network.FLUX1, config, base.path)

    def _convert(self, found: Found, name: str) -> dict[str, str]:
        """Makes numbers of the pickles inside of a folder."""
        inner = INNER_PICKLES.get(found.layout, {})
        if not inner:
            return {}
        from engine.checkpoints.pickles import convert_pickles

        place = self.folder / "converted" / name
        place.mkdir(parents=True, exist_ok=True)
        made = {ours: place / f"{ours}.safetensors" for ours in inner}
        try:
            convert_pickles([(found.path / inner[ours], made[ours]) for ours in inner])
        except CheckpointError:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return {ours: str(path) for ours, path in made.items()}

    def _free_name(self, found: Found) -> str:
        """From the folder's or file's name; numbered when it is taken by another place."""
        stem = (
            re.sub(r"[^a-z0-9.]+", "-", found.path.stem.lower() or "model").strip("-.") or "model"
        )
        taken = {model.name: model.path for model in self.models()}
        name, number = stem, 2
        while name in taken and taken[name] != str(found.path):
            name, number = f"{stem}-{number}", number + 1
        return name
