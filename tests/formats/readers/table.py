"""The table of what each program reads, with the limits of programs that are known."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from editor.document.tiles import box_of
from editor.formats.psd import write_psd
from editor.formats.psd_names import legacy_name
from tests.formats.readers import by_programs, by_python, programs
from tests.formats.readers.comparing import PROPERTIES, Finding, Verdict
from tests.formats.readers.reading import Reading, Seen, expected
from tests.formats.sample_documents import matrix_document


@dataclass(frozen=True)
class Reader:
    """A program.

    Attributes:
        limits: Properties that it is known to read wrongly, and why that is no fault of the file.
        view: What of the expectation it can be asked about.
        note: What it does differently that is taken into account.
    """

    installed: Callable[[], bool]
    read: Callable[[Path], Reading]
    limits: Mapping[str, str] = field(default_factory=dict)
    view: Callable[[Reading], Reading] = lambda reading: reading
    note: str = ""
    slow: bool = False


def _as_imagemagick(reading: Reading) -> Reading:
    """It lists pixel layers only, by their names in MacRoman."""
    layers = tuple(
        replace(seen, name=legacy_name(seen.name)) for seen in reading.layers if not seen.is_group
    )
    return replace(reading, layers=layers)


def _as_krita(reading: Reading) -> Reading:
    return replace(reading, layers=tuple(_cropped(seen) for seen in reading.layers))


def _cropped(seen: Seen) -> Seen:
    if seen.pixels is None or seen.box is None:
        return seen
    inner = box_of(seen.pixels[..., 3])
    if inner.is_empty:
        return replace(seen, box=None, pixels=None)
    box = inner.translated(*seen.box[:2]).as_tuple()
    if seen.masked:
        return replace(seen, box=box, pixels=None)
    return replace(seen, box=box, pixels=seen.pixels[inner.y0 : inner.y1, inner.x0 : inner.x1])


READERS: dict[str, Reader] = {
    "psd-tools": Reader(lambda: True, by_python.read_with_psd_tools),
    "ag-psd": Reader(lambda: programs.ag_psd() is not None, by_programs.read_with_ag_psd),
    "ImageMagick": Reader(
        lambda: programs.imagemagick() is not None,
        by_programs.read_with_imagemagick,
        limits={"blend modes": "lacks some modes (darker and lighter color, subtract, divide ...)"},
        view=_as_imagemagick,
    ),
    "PhotoshopAPI": Reader(
        lambda: programs.photoshop_api() is not None, by_python.read_with_photoshop_api
    ),
    "GIMP": Reader(
        lambda: programs.gimp() is not None,
        by_programs.read_with_gimp,
        limits={"locks": "ignores the locks of a PSD"},
        note="puts clipped layers into groups, numbers equal names, and names nameless layers",
        slow=True,
    ),
    "Krita": Reader(
        lambda: programs.krita() is not None,
        by_programs.read_with_krita,
        limits={
            "opacity": "drops the opacity of groups",
            "locks": "ignores the locks of a PSD",
            "clipping": "drops clipping",
            "open groups": "opens all groups",
        },
        view=_as_krita,
        note="crops layers to their visible pixels, which are compared where no mask is worked in",
        slow=True,
    ),
}


@dataclass(frozen=True)
class Table:
    """Findings by reader and property; readers that are not installed are missing."""

    layers: int
    findings: Mapping[str, Mapping[str, Finding]]
    absent: tuple[str, ...]

    @property
    def wrong(self) -> list[str]:
        """Reader and property of what no known limit explains."""
        return [
            f"{reader}: {name}: {finding.detail}"
            for reader, row in self.findings.items()
            for name, finding in row.items()
            if finding.verdict is Verdict.WRONG
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "layers": self.layers,
            "readers": {
                reader: {name: [found.verdict, found.detail] for name, found in row.items()}
                for reader, row in self.findings.items()
            },
            "absent": list(self.absent),
            "wrong": self.wrong,
        }

    def as_text(self) -> str:
        """Markdown."""
        head = ["", *self.findings]
        lines = [_line(head), _line(["---"] * len(head))]
        notes: list[str] = []
        for name in PROPERTIES:
            cells = [name]
            for row in self.findings.values():
                found = row[name]
                if found.verdict is Verdict.LIMIT:
                    if found.detail not in notes:
                        notes.append(found.detail)
                    cells.append(f"limit {notes.index(found.detail) + 1}")
                else:
                    cells.append(str(found.verdict))
            lines.append(_line(cells))
        lines += ["", f"{self.layers} layers and groups; - = the program does not tell."]
        lines += [f"Limit {number}: {note}" for number, note in enumerate(notes, 1)]
        lines += [f"{name} {READERS[name].note}." for name in self.findings if READERS[name].note]
        lines += [f"Not installed: {name}" for name in self.absent]
        return "\n".join([*lines, *(f"WRONG {text}" for text in self.wrong)])


def make_table(*, quick: bool = False) -> Table:
    """Write the matrix document and let every installed program read it."""
    document = matrix_document()
    ours = expected(document)
    findings: dict[str, dict[str, Finding]] = {}
    absent = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matrix.psd"
        write_psd(document, path)
        for name, reader in READERS.items():
            if quick and reader.slow:
                continue
            if not reader.installed():
                absent.append(name)
                continue
            findings[name] = _findings(name, reader, reader.view(ours), reader.read(path))
    return Table(len(ours.layers), findings, tuple(absent))


def _findings(name: str, reader: Reader, ours: Reading, theirs: Reading) -> dict[str, Finding]:
    row = {}
    for what, compare in PROPERTIES.items():
        found = compare(ours, theirs)
        limit = reader.limits.get(what)
        if found.verdict is Verdict.WRONG and limit is not None:
            found = Finding(Verdict.LIMIT, f"{name} {limit}")
        row[what] = found
    return row


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
