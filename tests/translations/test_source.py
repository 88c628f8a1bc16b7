"""No text reaches the user without passing through the translations."""

from __future__ import annotations

import pytest

from tests.translations.source_texts import (
    ROOT,
    SourceText,
    modules,
    unwrapped_texts,
    wrapped_texts,
)

# Literals that look like texts and are none.
NOT_SHOWN = {
    "'Sans Serif'": "the font family that every system has something for",
    "'</Layer group>'": "the name that PSD files give the end of a group",
    '\'<?xpacket begin="\\ufeff" id="{}"?>\\n\'': "XMP",
    "'\\n<?xpacket end=\"w\"?>'": "XMP",
    "'krita:darker color'": "the name that OpenRaster gives a blend mode",
    "'krita:lighter color'": "the name that OpenRaster gives a blend mode",
    "'krita:linear light'": "the name that OpenRaster gives a blend mode",
    "'krita:hard mix'": "the name that OpenRaster gives a blend mode",
    "'Application Support'": "the name of a folder",
    "'{} layers instead of {}'": "detail for the log",
    "'the merged image differs'": "detail for the log",
    "'within tolerance'": "a value in the terminal's report",
    "'no record'": "a value in the terminal's report",
    "'cannot be checked'": "a value in the terminal's report",
    "'a file that was exported before was changed'": "detail for the log",
    "'a file that was exported before became shorter'": "detail for the log",
    "'a packed row differs'": "detail for the log",
    "'a deflated plane differs'": "detail for the log",
    "'the header differs'": "detail for the log",
    "'the resources differ'": "detail for the log",
    "'layer {} {} differs in its lengths'": "detail for the log",
    "'layer {} {} differs in its pixels'": "detail for the log",
    "'there is more than was written'": "detail for the log",
    "'Layerloom {}'": "the name of the program",
    "'soft shadows'": "a value in the engine's record",
    "'soft shadows added'": "a value in the engine's record",
    "'glow added'": "a value in the engine's record",
}


def test_every_text_for_people_is_wrapped() -> None:
    found = [
        line
        for path in modules()
        for line in unwrapped_texts(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
        if line.split(": ", 1)[1] not in NOT_SHOWN
    ]
    assert not found, "wrap these in tr(...), see editor/translations.py:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        'label.setText("Opacity")',
        'label.setText(f"Layer {number}")',
        'label.setText("Open" if there else "New")',
        'button = QPushButton("Save", parent)',
        'raise DocumentError("Nope.", "detail")',
        'text = "Drag to move the view."',
        'self.say(f"Saved {name}")',
        'tr(f"Layer {number}")',
        'self.tr("Layer")',
        'QCoreApplication.translate("Menu", "File")',
        'Effects(hint="Moved.")',
        'def label(self): return "Move"',
        'tr("{name}", name="Some words here")',
    ],
)
def test_unwrapped_texts_are_found(source: str) -> None:
    assert unwrapped_texts(source, "some.py")


@pytest.mark.parametrize(
    "source",
    [
        'label.setText(tr("Opacity"))',
        'label.setText(tr("Layer {number}", number=3))',
        "label.setText(tr(spec.title))",
        'button = icon_button(theme, "layout-box", tr("Draw a box"), self)',
        'raise DocumentError(tr("Nope."), "detail for the log")',
        'raise ValueError("only programmers see this")',
        '_log.error("only the log has this", path)',
        '"""A docstring with words."""',
        "label.setText(name)",
        'label.setText("100 %")',
        'HINTS = (mark("Drag to move the view."),)',
    ],
)
def test_other_texts_are_left_alone(source: str) -> None:
    assert unwrapped_texts(source, "some.py") == []


def test_wrapped_texts_are_collected() -> None:
    source = """
tr("Hello {name}", name=name)
mark("Later")
tr_in("verb", "Open")
tr_count("{count} box", "{count} boxes", count)
sentence_count("{count} cat sleeps.", "{count} cats sleep.", count)
tr(variable)
"""
    assert set(wrapped_texts(source, "some.py")) == {
        SourceText("Hello {name}"),
        SourceText("Later"),
        SourceText("Open", context="verb"),
        SourceText("{count} box", plural="{count} boxes"),
        SourceText("{count} cat sleeps.", plural="{count} cats sleep."),
    }
