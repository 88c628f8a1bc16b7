"""The menu of the last files: filled each time it opens; those that are gone are shown as such."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu

from editor.settings import Settings
from editor.translations import tr


class RecentMenu(QMenu):
    """Args: open_path: Called with the file that was chosen."""

    def __init__(
        self, settings: Settings, open_path: Callable[[Path], None], parent: QMenu
    ) -> None:
        super().__init__(tr("Open &Recent"), parent)
        self.setToolTipsVisible(True)
        self._settings = settings
        self._open_path = open_path
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        paths = self._settings.recent_files
        names = Counter(path.name for path in paths)
        for path in paths:
            self._add(path, needs_folder=names[path.name] > 1)
        if not paths:
            self.addAction(tr("No files yet")).setEnabled(False)
            return
        self.addSeparator()
        self.addAction(tr("&Clear List")).triggered.connect(self._settings.clear_recent_files)

    def _add(self, path: Path, *, needs_folder: bool) -> None:
        is_there = path.is_file()
        name = f"{path.name} – {path.parent.name}" if needs_folder else path.name
        text = name if is_there else tr("{name} (not found)", name=name)
        action = self.addAction(text.replace("&", "&&"))
        action.setToolTip(str(path))
        action.setEnabled(is_there)
        action.triggered.connect(lambda _=False, path=path: self._open_path(path))
