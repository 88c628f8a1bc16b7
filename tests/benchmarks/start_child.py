"""A process that opens one window and says when it was painted: `start_child.py bare|layerloom`.

Prints one JSON object: {"painted": seconds since the epoch, "torch": whether torch is imported,
"modules": number of imported modules}.
"""

from __future__ import annotations

import json
import sys
import time

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QMainWindow


class BareWindow(QMainWindow):
    """An empty window of the same size."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  (Qt's name)
        super().paintEvent(event)
        QTimer.singleShot(0, report)


def report() -> None:
    """Say what is known and leave; called right after the first paint."""
    painted = time.time()
    facts = {"painted": painted, "torch": "torch" in sys.modules, "modules": len(sys.modules)}
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    QApplication.quit()


def main(kind: str) -> None:
    """Open the window and wait for the paint."""
    if kind == "bare":
        application = QApplication([])
        window: QMainWindow = BareWindow()
        window.resize(1360, 860)
    else:
        from editor.program import make_application, make_window

        application = make_application(["layerloom"])
        editor = make_window(application)
        editor.painted.connect(report)
        window = editor
    window.show()
    application.exec()
    window.close()
    shiboken6.delete(window)


if __name__ == "__main__":
    main(sys.argv[1])
