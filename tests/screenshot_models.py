"""Pictures of the model manager in each state: `python -m tests.screenshot_models OUT_DIR`.

The models on the list are real files in the layout of FLUX.1, with small random weights.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QDialog

from editor.document.document import Document
from editor.interface_language import use_language
from editor.model_library import ModelLibrary
from editor.model_runs import Lora, ModelRun
from editor.program import make_application
from editor.theme import Theme, ThemeMode
from editor.translations import SOURCE_LANGUAGE, languages
from editor.windows.main_window import MainWindow
from editor.windows.models_dialog import ModelsDialog
from engine.runtime import StarterRuntime
from tests.engine.tiny_checkpoints import flux1_folder, lora
from tests.helpers.windows import close_window, make_window, private_settings
from tests.screenshots import PREFERRED_FONT, SIZE, THEMES

LIMIT_S = 600.0  # beside other work
LORAS = {"watercolor-ink-v2": 0.7, "papercut": 1.0}


class _Paused(ModelLibrary):
    """Stays in the middle of checking until it is let go."""

    def __init__(self, folder: Path, starter: Path) -> None:
        super().__init__(folder, starter)
        self.gate = threading.Event()

    def add(
        self, path: Path, report: Callable[[int, int], object], cancelled: Callable[[], bool]
    ) -> str:
        report(5_300_000_000, 15_900_000_000)
        self.gate.wait(LIMIT_S)
        return super().add(path, report, cancelled)


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshot_models")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", choices=languages(), default=SOURCE_LANGUAGE)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    application = make_application(["layerloom"])
    use_language(application, options.language)
    if PREFERRED_FONT in QFontDatabase.families():
        font = QFont(PREFERRED_FONT)
        font.setPixelSize(13)
        application.setFont(font)
    for mode in THEMES:
        with tempfile.TemporaryDirectory() as place:
            _take(application, mode, Path(place), options.folder)
    return 0


def _take(application: QApplication, mode: ThemeMode, place: Path, out: Path) -> None:
    theme = Theme(application, mode)
    runtime = StarterRuntime(models=place / "list")
    window = make_window(theme, private_settings(place), Document(512, 512), runtime)
    window.resize(SIZE)
    window.show()
    library = _Paused(place / "list", window.models.library.starter)
    window.models.library = library
    healthy, broken = flux1_folder(place / "FLUX.1-schnell"), flux1_folder(place / "FLUX.1-old")
    for folder in (healthy, broken):
        ModelLibrary.add(library, folder, lambda _done, _total: None, lambda: False)
    next((broken / "vae").glob("*.safetensors")).unlink()
    window.models.manage()
    dialog = window.models.dialog
    if dialog is None:
        raise RuntimeError("the model manager did not open")
    _turn(application, lambda: dialog.list.count() > 0)
    for state in ("built_in", "ready", "changed", "on_hub", "to_bring"):
        _choose(dialog, state)
        _turn(application, lambda: not window.models.busy, at_least_s=0.4)
        _save(dialog, out / f"models-{state}-{mode}.png")
    _choose(dialog, "ready")
    _take_run(application, window, place, out, mode)
    dialog.details.test_run.click()
    _turn(application, lambda: "4" in dialog.progress.text.text())
    _save(dialog, out / f"models-trying-{mode}.png")
    _turn(application, dialog.details.picture.isVisible)
    _turn(application, lambda: not window.models.busy, at_least_s=0.4)
    _save(dialog, out / f"models-tried-{mode}.png")
    window.models.bring(healthy)
    _turn(application, lambda: "5" in dialog.progress.text.text(), at_least_s=0.3)
    _save(dialog, out / f"models-checking-{mode}.png")
    library.gate.set()
    _turn(application, lambda: not window.models.busy and not dialog.progress.isVisible())
    (place / "notes.txt").write_text("no model")
    window.models.bring(place / "notes.txt")
    _turn(application, lambda: not window.models.busy and dialog.message.isVisible())
    _save(dialog, out / f"models-refused-{mode}.png")
    dialog.close()
    close_window(window)
    theme.setParent(None)


def _run(place: Path) -> ModelRun:
    """Wishes with LoRA files that fit the model."""
    files = tuple(
        Lora(str(lora(place / f"{name}.safetensors")), weight) for name, weight in LORAS.items()
    )
    return ModelRun(files, first_block_cache=0.1, measure_cache=True)


def _take_run(
    application: QApplication, window: MainWindow, place: Path, out: Path, mode: ThemeMode
) -> None:
    """The run settings without wishes and with some, and the line that tells of them."""
    dialog = window.models.dialog
    if dialog is None:
        raise RuntimeError("the model manager was closed")
    for name, wishes in (("usual", ModelRun()), ("wished", _run(place))):
        dialog.details.run_settings.click()
        asked = window.models.run_dialog
        if asked is None:
            raise RuntimeError("the run settings did not open")
        for file in wishes.loras:
            asked.add_lora(file)
        asked.cache.setValue(wishes.first_block_cache)
        asked.measure.setChecked(wishes.measure_cache)
        _turn(application, asked.reason.isVisible, at_least_s=0.3)
        _save(asked, out / f"models-run-{name}-{mode}.png")
        asked.accept()
        _turn(application, lambda: window.models.run_dialog is None)
    _save(dialog, out / f"models-run-{mode}.png")


def _choose(dialog: ModelsDialog, state: str) -> None:
    for row in range(dialog.list.count()):
        entry = dialog.list.item(row).data(Qt.ItemDataRole.UserRole)
        if entry is not None and entry.state == state:
            dialog.list.setCurrentRow(row)
            return


def _save(dialog: QDialog, path: Path) -> None:
    dialog.grab().save(str(path))
    sys.stdout.write(f"{path}\n")


def _turn(application: QApplication, ended: Callable[[], bool], *, at_least_s: float = 0.0) -> None:
    began = time.perf_counter()
    while time.perf_counter() - began < LIMIT_S:
        application.processEvents()
        if ended() and time.perf_counter() - began >= at_least_s:
            return
        time.sleep(0.005)
    raise TimeoutError(f"the dialog was not ready after {LIMIT_S:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
