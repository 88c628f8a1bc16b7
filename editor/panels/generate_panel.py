"""The generate panel: what the picture shows, in which style, and how the job is going."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from editor.document.events import Change, ChangeKind
from editor.document.layout import LayoutBox
from editor.document.wishes import MAX_PROMPT_CHARACTERS, MAX_STEPS
from editor.edit_session import EditSession
from editor.model_library import STARTER_KEY
from editor.panels.box_prompts import BoxPrompts
from editor.panels.job_status import JobStatus
from editor.panels.model_choice import ModelChoice
from editor.panels.prompt_edit import PromptEdit
from editor.panels.seed_field import SeedField
from editor.panels.widgets import (
    GAP_PX,
    MARGIN_PX,
    FittedScrollArea,
    WrappingButton,
    bar_in_margin,
    field_label,
    icon_button,
    muted_label,
    number_field,
    panel_title,
    row,
    rule,
    wheel_needs_focus,
)
from editor.style_presets import StylePreset
from editor.theme import Theme
from editor.translations import tr, tr_count

PROMPT_HEIGHT_PX = 104
BACKGROUND_HEIGHT_PX = 58
NAMED_BOXES = 3
LONGEST_NAME = 28  # letters of a box in the line about all of them


@dataclass(frozen=True, slots=True)
class GenerateChoices:
    """What the panel asks for.

    Attributes:
        prompt: The sentence, or with a sentence per box that of the background.
        style: What the model calls it.
        preset: Id of the style preset.
        seed: 0 to 2^63 - 1.
        steps: 1 to 100.
        replaces: The new layers take the place of those generated before.
        per_box: Each box has a sentence of its own and is drawn by itself.
        negative: What to leave out.
        guidance: As the preset says; None = the default.
        model: What requests call it.
    """

    prompt: str
    style: str
    seed: int
    steps: int
    replaces: bool
    preset: str = ""
    per_box: bool = False
    negative: str = ""
    guidance: float | None = None
    model: str = STARTER_KEY


class GeneratePanel(QWidget):
    """Fields for a job and its progress; it starts nothing itself.

    Signals:
        generate_wanted, cancel_wanted: A button was pressed.
        clear_boxes_wanted, draw_boxes_wanted: From the layout line.
        history_wanted: Earlier prompts shall be shown below the button `history`.
    """

    generate_wanted = Signal()
    cancel_wanted = Signal()
    clear_boxes_wanted = Signal()
    draw_boxes_wanted = Signal()
    history_wanted = Signal()

    def __init__(
        self,
        session: EditSession,
        theme: Theme,
        presets: Sequence[StylePreset],
        default_steps: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self._session = session
        self._theme = theme
        self._presets = {preset.preset_id: preset for preset in presets}
        self._make_modes()
        self._make_fields(default_steps)
        self._make_layout_line()
        self.button = QPushButton(self)
        self.button.setObjectName("primary")
        self.button.clicked.connect(self.generate_wanted)
        self.cancel = QPushButton(tr("Cancel"), self)
        self.cancel.setToolTip(tr("Cancel the running job"))
        self.cancel.setAccessibleName(tr("Cancel the running job"))
        self.cancel.clicked.connect(self.cancel_wanted)
        self.status = JobStatus(theme, self)
        self._lay_out()
        self.prompt.textChanged.connect(self._prompt_changed)
        session.changed.connect(self._on_change)
        session.replaced.connect(self._document_replaced)
        self.set_busy(busy=False)
        self._show_mode()
        self._document_replaced()

    @property
    def choices(self) -> GenerateChoices:
        """What the fields say now."""
        preset = self._presets.get(str(self.style_box.currentData() or ""))
        prompt = self.prompt.toPlainText().strip()
        words = preset.words if preset is not None and prompt else ""
        # Numbers of presets were found on the starter.
        tuned = preset if self.model.key == STARTER_KEY else None
        return GenerateChoices(
            prompt=f"{prompt}, {words}" if words else prompt,
            style=preset.style if preset is not None else "",
            seed=self.seed.value,
            steps=self.steps.value(),
            replaces=self.replaces.isChecked(),
            preset=preset.preset_id if preset is not None else "",
            per_box=self.per_box.isChecked(),
            negative=self.negative.text().strip(),
            guidance=tuned.guidance if tuned is not None else None,
            model=self.model.key,
        )

    @property
    def prompt_text(self) -> str:
        return self.prompt.toPlainText().strip()

    def set_style(self, style: str) -> None:
        """Choose a style preset by its id; an unknown one is ignored."""
        index = self.style_box.findData(style)
        if index >= 0:
            self.style_box.setCurrentIndex(index)

    def set_busy(self, *, busy: bool) -> None:
        """While a job runs, another one joins the queue, and the running one can be cancelled."""
        self.button.setText(tr("Add to Queue") if busy else tr("Generate"))
        self._theme.set_icon(self.button, "queue" if busy else "generate", "on_accent")
        self.cancel.setVisible(busy)

    def set_per_box(self, *, per_box: bool) -> None:
        """Choose between one sentence for all layers and a sentence per box."""
        (self.per_box if per_box else self.one_sentence).setChecked(True)

    def _make_modes(self) -> None:
        """Two buttons of which one is down."""
        self.one_sentence = QPushButton(tr("One Sentence"), self)
        self.per_box = QPushButton(tr("Sentence per Box"), self)
        self.one_sentence.setToolTip(tr("One sentence for all layers, drawn together"))
        self.per_box.setToolTip(tr("A sentence for each box, drawn one by one and stacked"))
        group = QButtonGroup(self)
        for button, side in ((self.one_sentence, "left"), (self.per_box, "right")):
            button.setCheckable(True)
            button.setObjectName("segment")
            button.setProperty("side", side)
            group.addButton(button)
        self.one_sentence.setChecked(True)
        self.per_box.toggled.connect(self._show_mode)
        self.box_prompts = BoxPrompts(self._session, self)
        self.history = icon_button(self._theme, "history", tr("Earlier prompts"), self)
        self.history.clicked.connect(self.history_wanted)

    def _show_mode(self) -> None:
        per_box = self.per_box.isChecked()
        self.box_prompts.setVisible(per_box)
        self.box_title.setVisible(per_box)
        self.background_title.setVisible(per_box)
        self.layout_hint.setVisible(not per_box)
        self.prompt.setFixedHeight(BACKGROUND_HEIGHT_PX if per_box else PROMPT_HEIGHT_PX)
        self.prompt.setPlaceholderText(
            tr("What is behind the boxes…")
            if per_box
            else tr("Describe the picture and its parts…")
        )
        self._prompt_changed()

    def _use_preset(self) -> None:
        """Set what the chosen preset sets."""
        preset = self._presets.get(str(self.style_box.currentData() or ""))
        if preset is None:
            return
        if preset.steps is not None and self.model.key == STARTER_KEY:
            self.steps.setValue(preset.steps)
        if preset.negative:
            self.negative.setText(preset.negative)

    def _make_fields(self, default_steps: int) -> None:
        self.prompt = PromptEdit(tr("Describe the picture and its parts…"), self)
        self.prompt.setAccessibleName(tr("Prompt"))
        tips = (
            tr("Colors go by name or number: teal, dark green, #ff8800"),
            tr("A shadow or a glow at the end: “with soft shadows”, “glow”"),
        )
        self.prompt.setToolTip("\n".join(tips))
        self.prompt.setFixedHeight(PROMPT_HEIGHT_PX)
        self.background_title = field_label(tr("Background"), self.prompt)
        self.examples = self._make_examples()
        self.model = ModelChoice(self)
        self.style_box = QComboBox(self)
        wheel_needs_focus(self.style_box)
        for preset_id, preset in self._presets.items():
            self.style_box.addItem(preset.name, preset_id)
        self.style_box.activated.connect(self._use_preset)
        self.negative = QLineEdit(self)
        self.negative.setPlaceholderText(tr("Nothing"))
        self.negative.setMaxLength(MAX_PROMPT_CHARACTERS)
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
            chip = WrappingButton(text, box)
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
        layout.setContentsMargins(MARGIN_PX, 6, MARGIN_PX, 0)
        layout.setSpacing(GAP_PX)
        head = row(panel_title(tr("Generate"), page), self.history)
        head.setStretch(0, 1)
        layout.addLayout(head)
        layout.addLayout(row(self.one_sentence, self.per_box, spacing=0))
        layout.addWidget(self.background_title)
        layout.addWidget(self.prompt)
        layout.addWidget(self.examples)
        layout.addSpacing(2)
        layout_line = row(self.layout_hint, spacing=2)
        layout_line.setStretch(0, 1)
        layout_line.addWidget(self.draw_boxes, 0, Qt.AlignmentFlag.AlignTop)
        self.box_title = field_label(tr("Boxes"), self.box_prompts)
        layout_line.insertWidget(0, self.box_title, 1)
        layout.addLayout(layout_line)
        layout.addWidget(self.box_prompts)
        layout.addWidget(self.clear_boxes, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.model)
        layout.addSpacing(2)
        layout.addLayout(self._make_grid())
        layout.addSpacing(2)
        layout.addWidget(self.replaces)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        area = FittedScrollArea(page, self)
        bar_in_margin(area, page)
        outer.addWidget(area)
        outer.addWidget(self._make_edge(area))
        outer.addLayout(self._make_foot())
        outer.addStretch(1)

    def _make_edge(self, area: QScrollArea) -> QWidget:
        """A line over the foot while there is more to see than has room."""
        edge = rule(self)
        edge.hide()
        area.verticalScrollBar().rangeChanged.connect(lambda _low, high: edge.setVisible(high > 0))
        return edge

    def _make_foot(self) -> QVBoxLayout:
        """The button and how the job is going, always in sight below the fields."""
        buttons = row(self.button, self.cancel, spacing=6)
        buttons.setStretch(0, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(MARGIN_PX, GAP_PX, MARGIN_PX, MARGIN_PX)
        foot.setSpacing(GAP_PX)
        foot.addLayout(buttons)
        foot.addWidget(self.status)
        return foot

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
        grid.setRowMinimumHeight(5, 4)
        grid.addWidget(field_label(tr("Leave out"), self.negative), 6, 0, 1, 2)
        grid.addWidget(self.negative, 7, 0, 1, 2)
        return grid

    def _use_example(self, text: str) -> None:
        self.prompt.setPlainText(text)
        self.prompt.setFocus()
        self.prompt.moveCursor(self.prompt.textCursor().MoveOperation.End)

    def _prompt_changed(self) -> None:
        per_box = self.per_box.isChecked()
        self.examples.setVisible(not per_box and not self.prompt.toPlainText())

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
    names = [_in_short(box.name or box.prompt) for box in boxes if box.name or box.prompt]
    shown = ", ".join(names[:NAMED_BOXES]) + (", …" if len(names) > NAMED_BOXES else "")
    if not names:
        return tr_count(
            "{count} box drawn. Things without a box are left out.",
            "{count} boxes drawn. Things without a box are left out.",
            len(boxes),
        )
    return tr_count(
        "{count} box drawn ({names}). Things without a box are left out.",
        "{count} boxes drawn ({names}). Things without a box are left out.",
        len(boxes),
        names=shown,
    )


def _in_short(words: str) -> str:
    """The beginning of a long prompt."""
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1].rstrip()}…"
