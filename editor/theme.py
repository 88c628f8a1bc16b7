"""The look of the window: colour tokens, style sheet and icons, dark or light.

Tokens live in `resources/themes/*.json`, the style sheet in `widgets.qss`; both follow the colour
scheme of the system unless the user chose one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontInfo, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

import resources


class ThemeMode(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours of one theme as "#rrggbb".

    Attributes:
        base: Behind the page. panel: Panels and bars. raised: Buttons, menus. sunken: Fields.
        accent: Lines and focus on any surface. accent_fill: Filled surfaces under `on_accent`.
        selected, hovered: Rows of lists.
    """

    name: str
    base: str
    panel: str
    raised: str
    raised_hover: str
    sunken: str
    border: str
    border_strong: str
    text: str
    text_muted: str
    text_disabled: str
    accent: str
    accent_fill: str
    accent_hover: str
    accent_pressed: str
    on_accent: str
    selected: str
    hovered: str
    danger: str
    warning: str
    success: str


@cache
def load_tokens(name: str) -> Tokens:
    """Tokens of the theme "dark" or "light"."""
    text = resources.locate("themes", f"{name}.json").read_text(encoding="utf-8")
    return Tokens(**json.loads(text))


def style_sheet(tokens: Tokens, small_px: int) -> str:
    """The style sheet with every @token replaced."""
    text = resources.locate("themes", "widgets.qss").read_text(encoding="utf-8")
    values = {field.name: getattr(tokens, field.name) for field in fields(tokens)}
    values["folder"] = resources.locate("themes", tokens.name).as_posix()
    values["small_px"] = f"{small_px}px"
    for key in sorted(values, key=len, reverse=True):  # @accent_fill before @accent
        text = text.replace(f"@{key}", values[key])
    return text


def palette(tokens: Tokens) -> QPalette:
    """Palette for what the style sheet does not reach."""
    result = QPalette()
    roles = {
        QPalette.ColorRole.Window: tokens.panel,
        QPalette.ColorRole.WindowText: tokens.text,
        QPalette.ColorRole.Base: tokens.sunken,
        QPalette.ColorRole.AlternateBase: tokens.hovered,
        QPalette.ColorRole.Text: tokens.text,
        QPalette.ColorRole.Button: tokens.raised,
        QPalette.ColorRole.ButtonText: tokens.text,
        QPalette.ColorRole.ToolTipBase: tokens.raised,
        QPalette.ColorRole.ToolTipText: tokens.text,
        QPalette.ColorRole.PlaceholderText: tokens.text_muted,
        QPalette.ColorRole.Highlight: tokens.accent_fill,
        QPalette.ColorRole.HighlightedText: tokens.on_accent,
        QPalette.ColorRole.Link: tokens.accent,
    }
    for role, colour in roles.items():
        result.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.text_disabled))
    return result


@cache
def render_svg(name: str, side_px: int, ratio: float, colour: str) -> QPixmap:
    """An icon of `resources/icons` in one colour ("#rrggbb"), side_px logical pixels wide."""
    svg = resources.locate("icons", f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    pixmap = QPixmap(round(side_px * ratio), round(side_px * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


class Theme(QObject):
    """The theme in use; one per program, passed to whoever paints.

    Signals:
        changed: Tokens were replaced; icons and painted parts must be made again.
    """

    changed = Signal()

    def __init__(self, application: QApplication, mode: ThemeMode = ThemeMode.SYSTEM) -> None:
        super().__init__(application)
        self._application = application
        self._mode = mode
        self._icons: dict[tuple[str, str], QIcon] = {}
        self._tokens = load_tokens("dark")
        application.styleHints().colorSchemeChanged.connect(self._system_changed)
        application.setStyle("Fusion")
        self._apply()

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def mode(self) -> ThemeMode:
        return self._mode

    def set_mode(self, mode: ThemeMode) -> None:
        """Switch; SYSTEM follows the desktop from now on."""
        self._mode = mode
        self._apply()

    def icon(self, name: str, colour: str = "text") -> QIcon:
        """Icon in the colour of a token, sharp at any scale; it follows later theme changes."""
        key = (name, colour)
        if key not in self._icons:
            self._icons[key] = QIcon(_SvgIconEngine(self, name, colour))
        return self._icons[key]

    def _system_changed(self) -> None:
        if self._mode is ThemeMode.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        self._tokens = load_tokens(self._resolve())
        self._application.setPalette(palette(self._tokens))
        self._application.setStyleSheet(style_sheet(self._tokens, _small_px(QFont())))
        self.changed.emit()

    def _resolve(self) -> str:
        if self._mode is not ThemeMode.SYSTEM:
            return self._mode.value
        scheme = self._application.styleHints().colorScheme()
        return "light" if scheme is Qt.ColorScheme.Light else "dark"


class _SvgIconEngine(QIconEngine):
    """Draws an icon when asked, in the colours of the theme of that moment."""

    def __init__(self, theme: Theme, name: str, colour: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        side = min(rect.width(), rect.height())
        pixmap = render_svg(self._name, side, ratio, self._pick(mode, state))
        x, y = rect.x() + (rect.width() - side) // 2, rect.y() + (rect.height() - side) // 2
        painter.drawPixmap(x, y, pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        side = min(size.width(), size.height())
        return render_svg(self._name, side, scale, self._pick(mode, state))

    def clone(self) -> QIconEngine:
        return _SvgIconEngine(self._theme, self._name, self._colour)

    def _pick(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        tokens = self._theme.tokens
        if mode is QIcon.Mode.Disabled:
            return tokens.text_disabled
        if state is QIcon.State.On:
            return tokens.accent
        if mode is QIcon.Mode.Selected:
            return tokens.on_accent
        return str(getattr(tokens, self._colour))


def _small_px(font: QFont) -> int:
    """Size of secondary text beside the system's own font, never under 11 px."""
    return max(11, round(QFontInfo(font).pixelSize() * 0.92))
