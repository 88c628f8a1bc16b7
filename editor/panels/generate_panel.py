"""The generate panel: what the picture shows, in which style, and how the job is going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from editor.document.events import Change, ChangeKind
from editor.document.layout import LayoutBox
from editor.edit_session import EditSession
from editor.panels.job_status import JobStatus
from editor.panels.prompt_edit import PromptEdit
from editor.panels.seed_field import SeedField
from editor.panels.style_names import style_name
from editor.panels.widgets import (
    GAP_PX,
    MARGIN_PX,
    ElidingButton,
    field_label,
    icon_button,
    muted_label,
    number_field,
    panel_title,
    row,
    wheel_needs_focus,
)
from editor.theme import Theme
from editor.translations import tr, tr_count

MAX_STEPS = 100
PROMPT_HEIGHT_PX = 104
NAMED_BOXES = 3


@dataclass(frozen=True, slots=True)
class GenerateChoices:
    """What the panel asks for.

    Attributes:
        seed: 0 to 2^63 - 1.
        steps: 1 to 100.
        replaces: The new layers take the place of those generated before.
    """

    prompt: str
    style: str
    seed: int
    steps: int
    replaces: bool


class GeneratePanel(QWidget):
    """Fields for a job and its progress; it starts nothing itself.

    Signals:
        generate_wanted, cancel_wanted: A button was pressed.
        clear_boxes_wanted, draw_boxes_wanted: From the layout line.
    """

    generate_wanted = Signal()
    cancel_wanted = Signal()
    clear_boxes_wanted = Signal()
    draw_boxes_wanted = Signal()

    def __init__(
        self,
        session: EditSession,
        theme: Theme,
        styles: Sequence[str],
        default_steps: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._session = session
        self._theme = theme
        self._make_fields(styles, default_steps)
        self._make_layout_line()
        self.button = QPushButton(self)
        self.button.setObjectName("primary")
        self.button.clicked.connect(self.generate_wanted)
        self.cancel = icon_button(theme, "stop", tr("Cancel the running job"), self)
        self.cancel.clicked.connect(self.cancel_wanted)
        self.status = JobStatus(theme, self)
        self._lay_out()
        self.prompt.textChanged.connect(self._prompt_changed)
        session.changed.connect(self._on_change)
        session.replaced.connect(self._document_replaced)
        self.set_busy(busy=False)
        self._prompt_changed()
        self._document_replaced()

    @property
    def choices(self) -> GenerateChoices:
        """What the fields say now."""
        return GenerateChoices(
            prompt=self.prompt.toPlainText().strip(),
            style=str(self.style_box.currentData() or ""),
            seed=self.seed.value,
            steps=self.steps.value(),
            replaces=self.replaces.isChecked(),
        )

    @property
    def prompt_text(self) -> str:
        return self.prompt.toPlainText().strip()

    def set_style(self, style: str) -> None:
        """Choose a style; an unknown one is ignored."""
        index = self.style_box.findData(style)
        if index >= 0:
            self.style_box.setCurrentIndex(index)

    def set_busy(self, *, busy: bool) -> None:
        """While a job runs, another one joins the queue, and the running one can be cancelled."""
        self.button.setText(tr("Add to Queue") if busy else tr("Generate"))
        self._theme.set_icon(self.button, "queue" if busy else "generate", "on_accent")
        self.cancel.setVisible(busy)

    def _make_fields(self, styles: Sequence[str], default_steps: int) -> None:
        self.prompt = PromptEdit(tr("Describe the picture and its parts, in English…"), self)
        self.prompt.setAccessibleName(tr("Prompt"))
        self.prompt.setFixedHeight(PROMPT_HEIGHT_PX)
        self.examples = self._make_examples()
        self.style_box = QComboBox(self)
        wheel_needs_focus(self.style_box)
        for style in styles:
            self.style_box.addItem(style_name(style), style)
        self.steps = number_field(tr("Steps"), 1, MAX_STEPS, self)
        self.steps.setValue(default_steps)
        self.steps.setToolTip(tr("More steps take longer and change the picture a little"))
        self.seed = SeedField(self._theme, self)
        self.replaces = QCheckBox(tr("Replace generated layers"), self)
        self.replaces.setChecked(True)
        self.replaces.setToolTip(tr("Locked layers and layers of your own always stay"))

    def _make_examples(self) -> QWidget:
        box = QWidget(self)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for text in (
            tr("a red apple and a brown dog on a sunset gradient"),
            tr("a blue car and a green tree"),
            tr("a yellow star over a night sky"),
        ):
            chip = ElidingButton(text, box)
            chip.setObjectName("chip")
            chip.setAccessibleName(tr("Use the example: {text}", text=text))
            chip.clicked.connect(lambda _=False, text=text: self._use_example(text))
            layout.addWidget(chip)
        return box

    def _make_layout_line(self) -> None:
        self.layout_hint = muted_label(self)
        self.draw_boxes = icon_button(self._theme, "layout-box", tr("Draw layout boxes"), self)
        self.draw_boxes.clicked.connect(self.draw_boxes_wanted)
        self.clear_boxes = icon_button(self._theme, "close", tr("Remove all boxes"), self)
        self.clear_boxes.setText(tr("Clear Boxes"))
        self.clear_boxes.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.clear_boxes.clicked.connect(self.clear_boxes_wanted)

    def _lay_out(self) -> None:
        page = QWidget(self)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, MARGIN_PX)
        layout.setSpacing(GAP_PX)
        layout.addWidget(panel_title(tr("Generate"), page))
        layout.addSpacing(2)
        layout.addWidget(self.prompt)
        layout.addWidget(self.examples)
        layout.addSpacing(4)
        layout.addLayout(self._make_grid())
        layout.addSpacing(2)
        layout_line = row(self.layout_hint, spacing=2)
        layout_line.setStretch(0, 1)
        layout_line.addWidget(self.draw_boxes, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(layout_line)
        layout.addWidget(self.clear_boxes, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.replaces)
        layout.addSpacing(4)
        buttons = row(self.button, self.cancel, spacing=4)
        buttons.setStretch(0, 1)
        layout.addLayout(buttons)
        layout.addSpacing(2)
        layout.addWidget(self.status)
        layout.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _make_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 1)
        grid.addWidget(field_label(tr("Style"), self.style_box), 0, 0)
        grid.addWidget(field_label(tr("Steps"), self.steps), 0, 1)
        grid.addWidget(self.style_box, 1, 0)
        grid.addWidget(self.steps, 1, 1)
        grid.setRowMinimumHeight(2, 4)
        grid.addWidget(field_label(tr("Seed"), self.seed.edit), 3, 0, 1, 2)
        grid.addWidget(self.seed, 4, 0, 1, 2)
        return grid

    def _use_example(self, text: str) -> None:
        self.prompt.setPlainText(text)
        self.prompt.setFocus()
        self.prompt.moveCursor(self.prompt.textCursor().MoveOperation.End)

    def _prompt_changed(self) -> None:
        self.examples.setVisible(not self.prompt.toPlainText())

    def _on_change(self, change: Change) -> None:
        if change.kinds & ChangeKind.LAYOUT:
            self._show_layout()

    def _document_replaced(self) -> None:
        self._show_layout()
        self.status.clear()

    def _show_layout(self) -> None:
        boxes = self._session.document.boxes
        self.layout_hint.setText(_about_boxes(boxes))
        self.clear_boxes.setVisible(bool(boxes))


def _about_boxes(boxes: Sequence[LayoutBox]) -> str:
    """What the boxes will do to the next picture: also to a sentence that is about other things."""
    if not boxes:
        return tr("No boxes: placed automatically")
    names = [box.name or box.prompt for box in boxes if box.name or box.prompt]
    shown = ", ".join(names[:NAMED_BOXES]) + (" …" if len(names) > NAMED_BOXES else "")
    if not names:
        return tr_count(
            "{count} box drawn. Things without a box are left out.",
            "{count} boxes drawn. Things without a box are left out.",
            len(boxes),
        )
    return tr_count(
        "{count} box drawn: {names}. Things without a box are left out.",
        "{count} boxes drawn: {names}. Things without a box are left out.",
        len(boxes),
        names=shown,
    )
