"""Golden cases: a JSON description beside a safetensors file, and how results are compared."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.checkpoints.safetensors_files import load_checked
from engine.models.geometry import Box, RegionLayout, make_layout


class CaseError(Exception):
    """A case that cannot be run: a file is missing or damaged, or a field is not there."""


@dataclass(frozen=True)
class Check:
    """One compared quantity.

    Attributes:
        name: What was compared.
        max_error: Largest absolute difference.
        tolerance: The absolute part of what is allowed.
        passed: Whether |ours - theirs| <= atol + rtol |theirs| everywhere.
    """

    name: str
    max_error: float
    tolerance: float
    passed: bool

    @property
    def share(self) -> float:
        """Error over tolerance; decides which check stands for the case."""
        return self.max_error / self.tolerance if self.tolerance else float(self.max_error > 0)


@dataclass(frozen=True)
class Case:
    """A golden case as read from disk.

    Attributes:
        name: File name without ending.
        info: The JSON object.
        tensors: All tensors of the safetensors file.
    """

    name: str
    info: dict[str, Any]
    tensors: dict[str, Tensor]

    def field(self, name: str) -> Any:
        """A field of the description. Raises CaseError when it is missing."""
        if name not in self.info:
            raise CaseError(f"{self.name}.json has no field {name!r}.")
        return self.info[name]

    def tensor(self, name: str) -> Tensor:
        """A tensor by its full name. Raises CaseError when it is missing."""
        if name not in self.tensors:
            raise CaseError(f"{self.name}.safetensors has no tensor {name!r}.")
        return self.tensors[name]

    def config(self, name: str, default: Any) -> Any:
        """A field of the object `config`, or the default."""
        return self.info.get("config", {}).get(name, default)

    def tolerance(self, name: str, default: float) -> float:
        """A field of the object `tolerance`, or the default."""
        return float(self.info.get("tolerance", {}).get(name, default))

    def group(self, prefix: str, separator: str = "/") -> dict[str, Tensor]:
        """Tensors under `prefix/`, without the prefix. Raises CaseError when there are none."""
        start = prefix + separator
        found = {k.removeprefix(start): v for k, v in self.tensors.items() if k.startswith(start)}
        if not found:
            raise CaseError(f"{self.name}.safetensors has no tensors under {start}")
        return found

    def boxes(self) -> tuple[Box | None, ...]:
        """Boxes as stored, one per entry."""
        return tuple(Box(*box) if box else None for box in self.field("list_layer_box"))

    def layout(self, max_entries: int) -> RegionLayout:
        """Canvas and boxes, rounded to the token grid as every pipeline does."""
        return make_layout(self.field("width"), self.field("height"), self.boxes(), max_entries)

    def compare(
        self,
        name: str,
        ours: Tensor,
        theirs: Tensor,
        atol: float | None = None,
        rtol: float | None = None,
    ) -> Check:
        """Compares in float64; tolerances default to the case's own."""
        absolute = self.field("atol") if atol is None else atol
        relative = self.info.get("rtol", 0.0) if rtol is None else rtol
        if ours.shape != theirs.shape:
            return Check(f"{name} shape", float("inf"), absolute, passed=False)
        reference = theirs.double()
        error = (ours.double() - reference).abs()
        allowed = absolute + relative * reference.abs()
        return Check(name, float(error.max()), absolute, bool((error <= allowed).all()))


Runner = Callable[[Case], list[Check]]
"""A kind: from a case to all its checks."""


def find_descriptions(folder: Path) -> list[Path]:
    """The JSON files of a folder by name. Raises CaseError when there is no folder or no case."""
    if not folder.is_dir():
        raise CaseError(f"There is no folder {folder}.")
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise CaseError(f"The folder {folder} holds no case (*.json beside *.safetensors).")
    return paths


def read_description(path: Path) -> dict[str, Any]:
    """The JSON object of a case. Raises CaseError when the file is damaged or names no kind."""
    try:
        info = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CaseError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(info, dict) or not isinstance(info.get("kind"), str):
        raise CaseError(f"{path} is no description of a case: it has no field 'kind'.")
    return info


def read_case(path: Path) -> Case:
    """Description and tensors. Raises CaseError or CheckpointError with a sentence."""
    info = read_description(path)
    return Case(path.stem, info, load_checked(path.with_suffix(".safetensors")))


def worst(checks: list[Check]) -> Check:
    """The failed check nearest to its limit from above, else the tightest passed one."""
    return max(checks, key=lambda check: (not check.passed, check.share))


def entries(*lists: list[Tensor | None]) -> Iterator[tuple[Tensor, ...]]:
    """The entries that have a box, side by side."""
    for values in zip(*lists, strict=True):
        present = tuple(value for value in values if value is not None)
        if len(present) == len(values):
            yield present
