"""Pictures of the real window for the README: `python -m tests.screenshots OUT_DIR [--only NAME]`.

Names are SCENE-THEME-RATIO, e.g. "layers-dark-2x". Whatever is generated comes from the starter
model. A ratio is fixed when a process starts, so each gets one of its own.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QApplication, QWidget

from editor.document.document import Document
from editor.jobs.progress import JobProgressView
from editor.program import make_application
from editor.theme import Theme, ThemeMode
from editor.tools.tool import ToolId
from editor.translations import SOURCE_LANGUAGE, activate, languages
from editor.windows.main_window import MainWindow
from editor.windows.shortcut_editor import ShortcutEditor
from tests.helpers.windows import close_window, make_window, private_settings
from tests.layer_scenes import EMPTY_SCENES, LAYER_SCENES, put_layers_back
from tests.screenshot_scenes import TOOLS, put_back

SIZE = QSize(1360, 860)
PROMPT = "a red apple and a brown dog on a sunset gradient"
SEED = 7
SCENES = (
    "empty",
    *EMPTY_SCENES,
    "generating",
    "layers",
    *TOOLS,
    *LAYER_SCENES,
    "palette",
    "history",
    "shortcuts",
)
THEMES = (ThemeMode.DARK, ThemeMode.LIGHT, ThemeMode.CONTRAST)
RATIOS = (1, 2)
PREFERRED_FONT = "Inter"  # the offscreen platform has no system font of its own
JOB_LIMIT_S = 300.0


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", action="append", choices=picture_names(), metavar="NAME")
    parser.add_argument("--language", choices=languages(), default=SOURCE_LANGUAGE)
    parser.add_argument("--ratio", type=int, choices=RATIOS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    # In scene order: what a scene generates stays for those after it.
    names = [name for name in picture_names() if name in (options.only or picture_names())]
    if options.ratio:
        activate(options.language)
        take(options.folder, [name for name in names if name.endswith(f"-{options.ratio}x")])
        return 0
    for ratio in RATIOS:
        if any(name.endswith(f"-{ratio}x") for name in names):
            _run_child(options.folder, names, ratio, options.language)
    return 0


def picture_names() -> list[str]:
    """All pictures, scene by scene."""
    return [f"{s}-{theme}-{ratio}x" for s in SCENES for theme in THEMES for ratio in RATIOS]


def take(folder: Path, names: list[str]) -> None:
    """Take pictures in this process, at the ratio it was started with."""
    application = make_application(["layerloom"])
    if PREFERRED_FONT in QFontDatabase.families():
        font = QFont(PREFERRED_FONT)
        font.setPixelSize(13)
        application.setFont(font)
    for mode in THEMES:
        scenes = [name for name in names if f"-{mode}-" in name]
        if scenes:
            _take_theme(application, mode, folder, scenes)


def _take_theme(application: QApplication, mode: ThemeMode, folder: Path, names: list[str]) -> None:
    theme = Theme(application, mode)
    with tempfile.TemporaryDirectory() as settings:
        window = make_window(theme, private_settings(Path(settings)), Document(1024, 1024))
        window.resize(SIZE)
        window.show()
        _turn(application, lambda: window.canvas.tiles_ready)
        for name in names:
            scene = name.split("-")[0]
            if scene == "generating":
                _generate_until_previews(application, window)
            elif scene in {"layers", "palette", "history", *TOOLS, *LAYER_SCENES}:
                _generate(application, window)
            base, chosen = window.session.history.position, window.session.document.active_id
            shown = _open(application, window, scene)
            _turn(application, lambda: window.canvas.tiles_ready, at_least_s=0.4)
            shown.grab().save(str(folder / f"{name}.png"))
            _close(window, scene)
            if scene in (*LAYER_SCENES, *EMPTY_SCENES):
                put_layers_back(window, lambda ended: _turn(application, ended))
            if scene in (*TOOLS, *LAYER_SCENES) and chosen is not None:
                put_back(window, base, chosen)
            elif scene in EMPTY_SCENES:
                window.session.history.go_to(base)
                window.canvas.set_tool(ToolId.MOVE)
            sys.stdout.write(f"{folder / name}.png\n")
        close_window(window)
    theme.setParent(None)


def _open(application: QApplication, window: MainWindow, scene: str) -> QWidget:
    """Show what a scene adds to the window; returns what the picture is of."""
    layer_scenes = {**EMPTY_SCENES, **LAYER_SCENES}
    if scene in layer_scenes:
        layer_scenes[scene](window, lambda ended: _turn(application, ended))
    elif scene in TOOLS:
        TOOLS[scene](window)
    elif scene == "palette":
        window.commands.palette()
        window.commands.command_palette.query.setText("layer")
    elif scene == "history":
        window.docks()[-1].show()
        for action_id in ("layer.duplicate", "layer.toggle_locked", "edit.undo"):
            window.actions_by_id[action_id].trigger()
    elif scene == "shortcuts":
        window.commands.shortcuts()
        return window.findChildren(ShortcutEditor)[-1]
    return window


def _close(window: MainWindow, scene: str) -> None:
    window.commands.command_palette.close_palette()
    if scene == "history":
        window.docks()[-1].hide()
    for dialog in window.findChildren(ShortcutEditor):
        dialog.reject()


def _generate_until_previews(application: QApplication, window: MainWindow) -> None:
    """A job in the middle of denoising."""
    seen: list[JobProgressView] = []
    window.bridge.progressed.connect(seen.append)
    _start(window)
    _turn(application, lambda: any(_is_past_the_middle(view.text) for view in seen))


def _is_past_the_middle(text: str) -> bool:
    """Whether a progress text ends in "n/m" with n over half of m; fast steps may be skipped."""
    found = re.search(r"(\d+)/(\d+)$", text)
    return found is not None and 2 * int(found[1]) > int(found[2])


def _generate(application: QApplication, window: MainWindow) -> None:
    """A finished job with one of its objects selected."""
    if not (window.bridge.busy or window.session.document.layers):
        _start(window)
    _turn(application, lambda: not window.bridge.busy)
    rasters = window.session.document.raster_layers()
    if not rasters:
        raise RuntimeError(window.toast.text or "Nothing was generated.")
    window.session.document.select([rasters[-1].layer_id])


def _start(window: MainWindow) -> None:
    window.generate_panel.prompt.setPlainText(PROMPT)
    window.generate_panel.seed.value = SEED
    window.generate_panel.seed.lock.setChecked(True)
    window.generation.generate()


def _turn(application: QApplication, ended: Callable[[], bool], *, at_least_s: float = 0.0) -> None:
    began = time.perf_counter()
    while time.perf_counter() - began < JOB_LIMIT_S:
        application.processEvents()
        if ended() and time.perf_counter() - began >= at_least_s:
            return
        time.sleep(0.005)
    raise TimeoutError(f"the window was not ready after {JOB_LIMIT_S:.0f} s")


def _run_child(folder: Path, names: list[str], ratio: int, language: str) -> None:
    surroundings = os.environ | {"QT_SCALE_FACTOR": str(ratio)}
    surroundings.setdefault("QT_QPA_PLATFORM", "offscreen")
    only = [word for name in names for word in ("--only", name)]
    words = [sys.executable, "-m", "tests.screenshots", str(folder), "--ratio", str(ratio), *only]
    words += ["--language", language]
    subprocess.run(words, check=True, env=surroundings)


if __name__ == "__main__":
    sys.exit(main())
