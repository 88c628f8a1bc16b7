"""Chooses the language of the window at the start, for our texts and for those of Qt."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from editor.translations import activate, best_language, languages, tr_in

SYSTEM = "system"


def use_language(application: QCoreApplication, wanted: str, system: QLocale | None = None) -> str:
    """Show everything that is made from now on in one language; returns its code.

    Args:
        wanted: Code of a shipped language; anything else stands for the language of the desktop.
        system: What the desktop says; None = ask it.
    """
    desktop = system or QLocale.system()
    language = wanted if wanted in languages() else best_language(desktop.uiLanguages())
    activate(language)
    spoken = QLocale(language)
    # The region's number format only where it is the language's: "1,5" in an English sentence errs.
    QLocale.setDefault(desktop if desktop.language() == spoken.language() else spoken)
    translator = QTranslator(application)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(spoken, "qtbase", "_", folder):  # Cancel, Close, Copy, key names
        application.installTranslator(translator)
    if language != "en":
        application.installTranslator(_KeyNames(application))
    return language


class _KeyNames(QTranslator):
    """Names of keys that Qt leaves in English, so that menus say what our own sentences say."""

    def isEmpty(self) -> bool:
        return False

    def translate(
        self,
        context: str,
        source: str,
        disambiguation: str | None = None,
        n: int = -1,
    ) -> str | None:
        del disambiguation, n
        known = context == "QShortcut" and source in ("Return", "Enter")
        return tr_in("key", "Enter") if known else None
