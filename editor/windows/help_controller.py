"""What the Help menu does: the about box."""

from __future__ import annotations

from importlib import metadata

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QVBoxLayout,
    QWidget,
)

import resources
from editor.panels.widgets import muted_label, panel_title
from editor.theme import Theme, render_svg
from editor.translations import tr

LOGO_PX = 64


class HelpController(QObject):
    """Handlers of the actions whose name begins with "help."."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme

    def about(self) -> None:
        """Show version and licence."""
        dialog, layout = self._dialog(tr("About Layerloom"))
        logo = QLabel(dialog)
        ratio = self._window.devicePixelRatioF()
        logo.setPixmap(render_svg("layerloom", LOGO_PX, ratio, self._theme.tokens.text))
        logo.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        name = panel_title(f"Layerloom {program_version()}", dialog)
        name.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        text = muted_label(dialog)
        text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        text.setMinimumWidth(400)
        text.setText(
            tr(
                "A layer editor whose layers come from a sentence and a few boxes.\n"
                "Everything runs on this computer. Apache License 2.0."
            )
        )
        for place, widget in enumerate((logo, name, text)):
            layout.insertWidget(place, widget)
        dialog.open()

    def _dialog(self, title: str) -> tuple[QDialog, QVBoxLayout]:
        dialog = QDialog(self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(title)
        layout = QVBoxLayout(dialog)
        layout.setContentsMargins(22, 20, 22, 18)
        layout.setSpacing(14)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
        buttons.rejected.connect(dialog.reject)
        layout.addWidget(buttons)
        return dialog, layout


def program_version() -> str:
    """Version of the installed distribution; "0" when it runs uninstalled."""
    try:
        return metadata.version("layerloom")
    except metadata.PackageNotFoundError:
        return "0"


def icon_path() -> str:
    """The program's icon."""
    return str(resources.locate("icons", "layerloom.svg"))
