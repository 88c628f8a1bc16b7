"""Keeps the choices of the model in the panels up to date: what is there, how it runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from editor.document.events import Change, ChangeKind
from editor.edit_session import EditSession
from editor.jobs_bridge import usual_steps
from editor.model_library import STARTER_KEY, LayoutSize, ModelEntry
from editor.panels.generate_panel import GeneratePanel
from editor.panels.regenerate_section import RegenerateSection
from editor.settings import Settings
from editor.windows.models_controller import ModelsController

PLAN_AFTER_MS = 200


class ModelChoiceController(QObject):
    """Between the list of models, the panels that offer them and the settings."""

    def __init__(
        self,
        models: ModelsController,
        panel: GeneratePanel,
        section: RegenerateSection,
        *,
        session: EditSession,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._models = models
        self._panel = panel
        self._section = section
        self._session = session
        self._settings = settings
        self._entries: tuple[ModelEntry, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PLAN_AFTER_MS)
        self._timer.timeout.connect(self._plan)
        models.listed.connect(self._show)
        panel.model.chosen.connect(self._choose)
        panel.model.changed.connect(self._timer.start)
        panel.steps.valueChanged.connect(self._timer.start)
        session.changed.connect(self._on_change)
        session.replaced.connect(self._timer.start)

    def _show(self, entries: tuple[ModelEntry, ...]) -> None:
        self._entries = entries
        self._panel.model.show_models(entries, self._settings.model)
        self._section.show_models(entries, self._panel.model.key)

    def _choose(self, key: str) -> None:
        self._settings.model = key
        self._section.show_models(self._entries, key)
        self._panel.steps.setValue(usual_steps(key))

    def _on_change(self, change: Change) -> None:
        if change.kinds & (ChangeKind.LAYOUT | ChangeKind.CANVAS_SIZE):
            self._timer.start()

    def _plan(self) -> None:
        key = self._panel.model.key
        if key == STARTER_KEY:
            return
        document = self._session.document
        covered = sum(box.rect.width * box.rect.height for box in document.boxes)
        size = LayoutSize(
            document.width, document.height, len(document.boxes), covered,
            self._panel.steps.value(),
        )  # fmt: skip
        self._models.plan_layout(key, size, lambda text: self._panel.model.show_plan(key, text))
