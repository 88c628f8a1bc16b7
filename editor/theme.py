"""The look of the window: colour tokens, style sheet and icons, dark or light.

Tokens live in `resources/themes/*.json`, the style sheet in `widgets.qss`; both follow the colour
scheme of the system unless the user chose one.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache, lru_cache
from weakref import WeakKeyDictionary

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QFontInfo, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication

import resources

ICON_SIZES_PX = (18, 20)
HasIcon = QAbstractButton | QAction


class ThemeMode(StrEnum):
    """What the user chose."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Colours of one theme as "#rrggbb".

    Attributes:
        base: Behind the page. panel: Panels and bars. raised: Buttons, menus. sunken: Fields.
        accent: Lines and focus on any surface. accent_fill: Filled surfaces under `on_accent`.
        selected, hovered: Rows of lists.
        tag_red to tag_gray: Colour tags of layers, on rows of lists and on menus.
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
    tag_red: str
    tag_orange: str
    tag_yellow: str
    tag_green: str
    tag_blue: str
    tag_violet: str
    tag_gray: str


@cache
def load_tokens(name: str) -> Tokens:
    """Tokens of the theme "dark", "light" or "contrast"."""
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
    pixmap = QPixmap(round(side_px * ratio), round(side_px * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer(name, colour).render(painter, QRectF(pixmap.rect()))
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
        self._targets: WeakKeyDictionary[HasIcon, tuple[str, str]] = WeakKeyDictionary()
        self._tokens = load_tokens("dark")
        hints = application.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        application.screenAdded.connect(self._refresh_icons)
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
        """Icon in the colour of a token of the present theme, sharp on the present screens."""
        ratios = {math.ceil(screen.devicePixelRatio()) for screen in self._application.screens()}
        return _make_icon(name, str(getattr(self._tokens, colour)), self._tokens, ratios)

    def set_icon(self, target: HasIcon, name: str, colour: str = "text") -> None:
        """Give a button or an action an icon that follows later changes of the theme."""
        self._targets[target] = (name, colour)
        target.setIcon(self.icon(name, colour))

    def _system_changed(self) -> None:
        if self._mode is ThemeMode.SYSTEM:
            self._apply()

    def _apply(self) -> None:
        self._tokens = load_tokens(self._resolve())
        self._application.setPalette(palette(self._tokens))
        self._application.setStyleSheet(style_sheet(self._tokens, _small_px(QFont())))
        self._refresh_icons()
        self.changed.emit()

    def _refresh_icons(self) -> None:
        for target, (name, colour) in list(self._targets.items()):
            if shiboken6.isValid(target):
                target.setIcon(self.icon(name, colour))

    def _resolve(self) -> str:
        if self._mode is not ThemeMode.SYSTEM:
            return self._mode.value
        if wants_high_contrast(self._application):
            return "contrast"
        return "light" if system_scheme(self._application) is Qt.ColorScheme.Light else "dark"


def system_scheme(application: QApplication) -> Qt.ColorScheme:
    """Colour scheme of the desktop; Unknown where it has none."""
    return application.styleHints().colorScheme()


def wants_high_contrast(application: QApplication) -> bool:
    """Whether the user asked the desktop for high contrast."""
    hints = application.styleHints()  # kept by name: without it the next object is gone at once
    preference = hints.accessibility().contrastPreference()
    return preference is Qt.ContrastPreference.HighContrast


def _make_icon(name: str, normal: str, tokens: Tokens, ratios: set[int]) -> QIcon:
    """Pixmaps of all sizes and states; a Python icon engine would outlive its owner in Qt."""
    icon = QIcon()
    variants = (
        (QIcon.Mode.Normal, QIcon.State.Off, normal),
        (QIcon.Mode.Normal, QIcon.State.On, tokens.accent),
        (QIcon.Mode.Disabled, QIcon.State.Off, tokens.text_disabled),
    )
    for mode, state, colour in variants:
        for side in ICON_SIZES_PX:
            for ratio in ratios:
                icon.addPixmap(render_svg(name, side, ratio, colour), mode, state)
    return icon


@lru_cache(maxsize=8)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    svg = resources.locate("icons", f"{name}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))


def _small_px(font: QFont) -> int:
    """Size of secondary text beside the system's own font, never under 11 px."""
    return max(11, round(QFontInfo(font).pixelSize() * 0.92))
