"""Opening and closing the real main window in tests, benchmarks and pictures."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSettings

from editor.document.document import Document
from editor.jobs_bridge import JobsBridge, window_engine
from editor.program import destroy
from editor.settings import Settings
from editor.theme import Theme
from editor.windows.main_window import MainWindow
from engine.jobs import EngineRuntime


def private_settings(folder: Path) -> Settings:
    """Settings in a file of their own."""
    return Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))


def close_window(window: MainWindow) -> None:
    """Close without a question and delete the window, as the program does at its end."""
    window.close_without_question()
    destroy(window)


def make_window(
    theme: Theme,
    settings: Settings,
    document: Document | None = None,
    runtime: EngineRuntime | None = None,
) -> MainWindow:
    """A window that is not shown yet.

    Args:
        runtime: Stands in for the starter model; None = the starter model.
    """
    factory = None if runtime is None else lambda: runtime
    service = partial(window_engine, runtime_factory=factory)
    bridge = partial(JobsBridge, make_service=service)
    return MainWindow(theme, settings, document=document, make_bridge=bridge)
