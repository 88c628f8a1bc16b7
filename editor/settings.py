"""What the program remembers between runs, typed: theme, window layout, last choices."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from editor.actions.shortcuts import Changes, from_json, to_json
from editor.interface_language import SYSTEM
from editor.model_runs import ModelRun, run_from_json
from editor.theme import ThemeMode
from editor.translations import languages

MAX_RECENT_FILES = 10
MAX_PROMPTS = 200
MAX_RECENT_COMMANDS = 5
LAYOUT_VERSION = 2  # raise when docks or tool bars get other names


class Settings:
    """Typed view of QSettings; wrong or missing values fall back to the default."""

    def __init__(self, store: QSettings | None = None) -> None:
        self._store = store or QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "layerloom", "layerloom"
        )

    @property
    def theme_mode(self) -> ThemeMode:
        text = str(self._store.value("theme", ThemeMode.SYSTEM.value))
        return ThemeMode(text) if text in set(ThemeMode) else ThemeMode.SYSTEM

    @theme_mode.setter
    def theme_mode(self, mode: ThemeMode) -> None:
        self._store.setValue("theme", mode.value)

    @property
    def language(self) -> str:
        """Code of the language the user chose, e.g. "de"; "system" = that of the desktop."""
        text = str(self._store.value("language", SYSTEM))
        return text if text in languages() else SYSTEM

    @language.setter
    def language(self, code: str) -> None:
        self._store.setValue("language", code)

    @property
    def include_prompts(self) -> bool:
        """Whether saved files carry the prompts and seeds of their layers."""
        return self._flag("include_prompts", default=True)

    @include_prompts.setter
    def include_prompts(self, include: bool) -> None:
        self._store.setValue("include_prompts", include)

    @property
    def reduced_motion(self) -> bool | None:
        """Whether nothing shall move by itself; None = as the desktop says."""
        return self._flag("reduced_motion", default=False) if self._has("reduced_motion") else None

    @reduced_motion.setter
    def reduced_motion(self, reduced: bool) -> None:
        self._store.setValue("reduced_motion", reduced)

    def is_on(self, name: str, *, default: bool) -> bool:
        """Whether something that the View menu switches by name is on."""
        return self._flag(f"view_{name}", default=default)

    def switch(self, name: str, *, on: bool) -> None:
        """Remember it."""
        self._store.setValue(f"view_{name}", on)

    @property
    def last_folder(self) -> Path:
        """Folder offered by file dialogs."""
        folder = Path(str(self._store.value("last_folder", "")))
        if folder.is_absolute() and folder.is_dir():
            return folder
        location = QStandardPaths.StandardLocation.PicturesLocation
        pictures = Path(QStandardPaths.writableLocation(location))
        return pictures if pictures.is_dir() else Path.home()

    @last_folder.setter
    def last_folder(self, folder: Path) -> None:
        self._store.setValue("last_folder", str(folder))

    @property
    def style(self) -> str:
        return str(self._store.value("style", ""))

    @style.setter
    def style(self, style: str) -> None:
        self._store.setValue("style", style)

    @property
    def model(self) -> str:
        """The model that pictures are made with; empty = the starter."""
        return str(self._store.value("model", ""))

    @model.setter
    def model(self, key: str) -> None:
        self._store.setValue("model", key)

    @property
    def steps(self) -> int | None:
        """Steps used last; None = the default of the engine."""
        text = str(self._store.value("steps", ""))
        return int(text) if text.isdecimal() else None

    @steps.setter
    def steps(self, steps: int) -> None:
        self._store.setValue("steps", steps)

    @property
    def prompts(self) -> list[str]:
        """Prompts that were used, newest first."""
        return self._texts("prompts")[:MAX_PROMPTS]

    def add_prompt(self, prompt: str) -> None:
        """Put a prompt first in the list; an empty one is left out."""
        if prompt:
            others = [other for other in self.prompts if other != prompt]
            self._store.setValue("prompts", [prompt, *others][:MAX_PROMPTS])

    @property
    def job_times(self) -> str:
        """How long jobs took on this machine; see `JobTimes.to_json`."""
        return str(self._store.value("job_times", ""))

    @job_times.setter
    def job_times(self, text: str) -> None:
        self._store.setValue("job_times", text)

    @property
    def new_size(self) -> tuple[int, int]:
        """Width and height of the last new document, in pixels."""
        width, height = (str(self._store.value(f"new_{side}", "")) for side in ("width", "height"))
        if width.isdecimal() and height.isdecimal() and int(width) and int(height):
            return int(width), int(height)
        return 1024, 1024

    @new_size.setter
    def new_size(self, size: tuple[int, int]) -> None:
        self._store.setValue("new_width", size[0])
        self._store.setValue("new_height", size[1])

    @property
    def undo_megabytes(self) -> int:
        """Memory for undo steps, 16 to 65536 MB; the oldest steps go when it is full."""
        text = str(self._store.value("undo_megabytes", ""))
        return min(max(int(text), 16), 65_536) if text.isdecimal() else 512

    @undo_megabytes.setter
    def undo_megabytes(self, megabytes: int) -> None:
        self._store.setValue("undo_megabytes", megabytes)

    @property
    def recent_files(self) -> list[Path]:
        """Files opened or saved, newest first; some may be gone, or on a disk that is not there."""
        return [Path(text) for text in self._texts("recent_files")][:MAX_RECENT_FILES]

    def clear_recent_files(self) -> None:
        """Forget them all."""
        self._store.remove("recent_files")

    def add_recent_file(self, path: Path) -> None:
        """Put a file first in the list."""
        others = [other for other in self.recent_files if other != path]
        self._store.setValue(
            "recent_files", [str(file) for file in [path, *others]][:MAX_RECENT_FILES]
        )

    @property
    def shortcuts(self) -> Changes:
        """The user's own shortcuts, as far as they differ from the action table."""
        return from_json(str(self._store.value("shortcuts", "")))

    @shortcuts.setter
    def shortcuts(self, changes: Changes) -> None:
        self._store.setValue("shortcuts", to_json(changes))

    @property
    def recent_commands(self) -> list[str]:
        """Ids of the commands run from the palette, newest first."""
        return self._texts("recent_commands")

    def add_recent_command(self, action_id: str) -> None:
        """Put a command first in the list."""
        others = [other for other in self.recent_commands if other != action_id]
        self._store.setValue("recent_commands", [action_id, *others][:MAX_RECENT_COMMANDS])

    @property
    def paint_colors(self) -> str:
        """The colours of the painting tools as text; see `PaintColors.to_json`."""
        return str(self._store.value("paint_colors", ""))

    @paint_colors.setter
    def paint_colors(self, text: str) -> None:
        self._store.setValue("paint_colors", text)

    def tool_options(self, tool_id: str) -> str:
        """What was last set for a tool, as its `Options.to_json` gave it; empty = nothing."""
        return str(self._store.value(f"tool_{tool_id}", ""))

    def set_tool_options(self, tool_id: str, text: str) -> None:
        """Remember it."""
        self._store.setValue(f"tool_{tool_id}", text)

    def model_run(self, key: str) -> ModelRun:
        """How a brought model is to be run."""
        return run_from_json(str(self._store.value(f"model_run_{key}", "")))

    def set_model_run(self, key: str, run: ModelRun) -> None:
        """Remember it."""
        self._store.setValue(f"model_run_{key}", run.to_json())

    @property
    def geometry(self) -> QByteArray | None:
        """Place of the window as Qt saved it."""
        return self._bytes(f"geometry_{LAYOUT_VERSION}")

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._store.setValue(f"geometry_{LAYOUT_VERSION}", geometry)

    @property
    def window_state(self) -> QByteArray | None:
        """Docks and tool bars as Qt saved them."""
        return self._bytes(f"window_state_{LAYOUT_VERSION}")

    @window_state.setter
    def window_state(self, state: QByteArray) -> None:
        self._store.setValue(f"window_state_{LAYOUT_VERSION}", state)

    def sync(self) -> None:
        """Write to disk now."""
        self._store.sync()

    def _has(self, key: str) -> bool:
        return self._store.contains(key)

    def _texts(self, key: str) -> list[str]:
        """A list; Qt stores one of length 1 as a plain text."""
        value = self._store.value(key, [])
        texts = [value] if isinstance(value, str) else value
        return [str(text) for text in texts] if isinstance(texts, list) else []

    def _flag(self, key: str, *, default: bool) -> bool:
        return str(self._store.value(key, default)).lower() in {"true", "1"}

    def _bytes(self, key: str) -> QByteArray | None:
        value = self._store.value(key)
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None
