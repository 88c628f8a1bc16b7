"""The text tool without fonts: a setter that makes every character a square."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editor.commands.mask_commands import SetClipped
from editor.commands.property_commands import SetLocked
from editor.commands.text_commands import RasterizeText, WriteText, text_name
from editor.commands.transform_commands import TransformLayers
from editor.document import affine
from editor.document.pixels import PixelBuffer
from editor.document.text import DrawnText, TextAlignment, TextContent
from editor.tools.events import Modifier
from editor.tools.overlay import TextMarks
from editor.tools.text_setting import Caret
from editor.tools.text_tool import TextOptions, TextTool
from tests.tools.sample import Hand, sample_history

SIDE = 10.0


class SquareText:
    """One line; its characters are squares of 10 px above the anchor."""

    def __init__(self, content: TextContent) -> None:
        self.content = content
        self.x, self.y = content.anchor

    @property
    def box(self) -> tuple[float, float, float, float]:
        return self.x, self.y - SIDE, self.x + SIDE * len(self.content.text), self.y

    def caret(self, position: int) -> Caret:
        return Caret(self.x + SIDE * position, self.y - SIDE, self.y)

    def position_at(self, x: float, y: float) -> int:
        return min(max(0, round((x - self.x) / SIDE)), len(self.content.text))

    def marks(self, start: int, end: int) -> tuple[tuple[float, float, float, float], ...]:
        return ((self.x + SIDE * start, self.y - SIDE, self.x + SIDE * end, self.y),)

    def draw(self) -> DrawnText:
        width = max(1, int(SIDE) * len(self.content.text))
        color = self.content.color if self.content.text else (0, 0, 0, 0)
        pixels = PixelBuffer.filled(width, int(SIDE), color)
        return DrawnText(pixels, (int(self.x), int(self.y - SIDE)))


class SquareSetter:
    def set(self, content: TextContent) -> SquareText:
        return SquareText(content)

    def missing_family(self, content: TextContent) -> str:
        return "Other" if content.family == "Gone" else ""


@pytest.fixture
def hand() -> Hand:
    tool = TextTool()
    tool.setter = SquareSetter()
    return Hand(tool, sample_history())


def tool_of(hand: Hand) -> TextTool:
    assert isinstance(hand.tool, TextTool)
    return hand.tool


def write(hand: Hand, text: str) -> None:
    hand._run(tool_of(hand).write(hand.history.document, text, len(text), len(text)))


def finish(hand: Hand) -> None:
    hand._run(tool_of(hand).apply(hand.history.document))


def written(hand: Hand) -> str:
    """The id of a new text layer "Hello" that is finished."""
    hand.click(30, 50)
    for length in range(1, 6):
        write(hand, "Hello"[:length])
    finish(hand)
    (layer_id,) = hand.history.document.selected_ids
    return layer_id


def test_a_click_and_keys_make_a_layer_as_one_step(hand: Hand) -> None:
    hand.history.document.select(("low",))
    layer_id = written(hand)
    document = hand.history.document
    layer = document.raster(layer_id)
    assert layer.name == "Hello"
    assert layer.text is not None
    assert (layer.text.text, layer.text.anchor) == ("Hello", (30, 50))
    assert layer.pixels.size == (50, 10)
    ids = [root.layer_id for root in document.layers]
    assert ids.index(layer_id) == ids.index("low") + 1
    assert hand.history.labels == ("Text",)
    hand.history.undo()
    assert not document.has_layer(layer_id)


def test_a_text_goes_above_what_is_clipped_together(hand: Hand) -> None:
    document = hand.history.document
    above = document.layers[1].layer_id
    hand.history.push(SetClipped((above,), True))
    for active in (document.layers[0].layer_id, above):
        document.select((active,))
        layer_id = written(hand)
        assert document.layers[2].layer_id == layer_id
        assert not document.layer(layer_id).clipped
        hand.history.undo()


def test_a_click_without_a_word_leaves_nothing(hand: Hand) -> None:
    hand.click(30, 50)
    assert hand.tool.busy
    finish(hand)
    assert not hand.tool.busy
    assert not hand.history.can_undo
    hand.click(30, 50)
    write(hand, "  ")
    finish(hand)
    assert not hand.history.can_undo


def test_a_click_on_a_text_goes_on_with_it(hand: Hand) -> None:
    layer_id = written(hand)
    hand.click(51, 45)
    writing = tool_of(hand).writing
    assert writing is not None
    assert (writing.layer_id, writing.position, writing.anchor) == (layer_id, 2, 2)
    write(hand, "Heaven")
    hand.click(90, 90)
    assert not hand.tool.busy, "a press elsewhere ends"
    layer = hand.history.document.raster(layer_id)
    assert layer.text is not None
    assert layer.text.text == "Heaven"
    assert layer.name == "Heaven"
    assert len(hand.history.labels) == 2


def test_escape_brings_the_text_from_before_back(hand: Hand) -> None:
    layer_id = written(hand)
    before = hand.history.document.state_hash()
    hand._run(tool_of(hand).begin(hand.history.document, layer_id))
    write(hand, "no")
    hand._run(tool_of(hand).cancel())
    assert hand.history.document.state_hash() == before


def test_an_emptied_text_takes_its_layer_away(hand: Hand) -> None:
    layer_id = written(hand)
    hand._run(tool_of(hand).begin(hand.history.document, layer_id))
    write(hand, "")
    assert hand.history.document.has_layer(layer_id)
    finish(hand)
    assert not hand.history.document.has_layer(layer_id)


def test_a_drag_marks_and_shift_goes_on_marking(hand: Hand) -> None:
    layer_id = written(hand)
    hand._run(tool_of(hand).begin(hand.history.document, layer_id))
    hand.drag((30, 45), (51, 45))
    writing = tool_of(hand).writing
    assert writing is not None
    assert (writing.anchor, writing.position) == (0, 2)
    (marks,) = hand.tool.overlay(hand.history.document)
    assert isinstance(marks, TextMarks)
    assert marks.marked == ((30, 40, 50, 50),)
    assert marks.caret == (50, 40, 50)
    hand.click(71, 45, Modifier.SHIFT)
    writing = tool_of(hand).writing
    assert writing is not None
    assert (writing.anchor, writing.position) == (0, 4)


def test_options_restyle_the_text_and_follow_it(hand: Hand) -> None:
    options = tool_of(hand).options
    options.change(size=20, bold=True, alignment=TextAlignment.CENTER, color="#ff8000")
    layer_id = written(hand)
    text = hand.history.document.raster(layer_id).text
    assert text is not None
    assert (text.size_px, text.bold, text.color) == (20, True, (255, 128, 0, 255))
    options.change(size=99, bold=False)
    hand._run(tool_of(hand).begin(hand.history.document, layer_id))
    assert (options.value.size, options.value.bold) == (20, True)
    options.change(italic=True)
    hand._run(tool_of(hand).restyle(hand.history.document))
    changed = hand.history.document.raster(layer_id).text
    assert changed == replace(text, italic=True)


def turned(hand: Hand) -> str:
    """The id of "Hello", turned by a right angle around its anchor: it runs down from (30, 50)."""
    layer_id = written(hand)
    layer = hand.history.document.raster(layer_id)
    hand.history.push(TransformLayers((layer,), affine.rotation(90, (30, 50))))
    return layer_id


def test_a_turned_text_is_written_on_where_its_letters_are(hand: Hand) -> None:
    layer_id = turned(hand)
    hand.click(75, 55)
    write(hand, "")
    hand._run(tool_of(hand).cancel())
    assert hand.history.document.raster(layer_id).text is not None, "there are no letters"
    hand.click(35, 71)
    writing = tool_of(hand).writing
    assert writing is not None
    assert (writing.layer_id, writing.position) == (layer_id, 2)
    (marks,) = hand.tool.overlay(hand.history.document)
    assert isinstance(marks, TextMarks)
    assert affine.apply(marks.to_document, marks.caret[0], marks.caret[2]) == (30, 70)
    tool_of(hand).options.change(bold=True)
    hand._run(tool_of(hand).restyle(hand.history.document))
    write(hand, "Heaven")
    finish(hand)
    text = hand.history.document.raster(layer_id).text
    assert text is not None
    assert (text.text, text.bold, text.linear) == ("Heaven", True, (0, -1, 1, 0))


def test_options_keep_to_their_limits(hand: Hand) -> None:
    options = tool_of(hand).options
    options.change(size=0, line_height=99.0, color="red")
    assert options.value.size == 1
    assert options.value.line_height == 4.0
    assert options.value.color == "#000000"


def test_a_missing_font_is_named(hand: Hand) -> None:
    tool_of(hand).options.change(family="Gone")
    written(hand)
    assert '"Gone" is not installed' in hand.hints[-1]


def test_locked_texts_are_left_alone(hand: Hand) -> None:
    layer_id = written(hand)
    hand.history.push(SetLocked((layer_id,), True))
    hand.click(51, 45)
    assert not hand.tool.busy
    assert "Unlock" in hand.hints[-1]


def test_a_text_that_is_too_long_is_refused_with_a_sentence(hand: Hand) -> None:
    hand.click(30, 50)
    write(hand, "x" * 10_001)
    assert "10000" in hand.hints[-1].replace(",", "")
    assert tool_of(hand).writing is not None


def test_names_given_by_hand_stay() -> None:
    history = sample_history()
    content = TextContent(text="one", family="Sans", size_px=10)
    pixels = PixelBuffer.filled(4, 4, (1, 2, 3, 4))
    history.push(WriteText("t", content, DrawnText(pixels, (0, 0))))
    from editor.commands.property_commands import RenameLayer

    history.push(RenameLayer("t", "Title"))
    history.push(WriteText("t", replace(content, text="two"), DrawnText(pixels, (5, 5))))
    assert history.document.layer("t").name == "Title"
    assert text_name(replace(content, text="\n \n two  \nthree")) == "two"


def test_rasterizing_keeps_the_pixels() -> None:
    history = sample_history()
    content = TextContent(text="one", family="Sans", size_px=10)
    pixels = PixelBuffer.filled(4, 4, (1, 2, 3, 4))
    history.push(WriteText("t", content, DrawnText(pixels, (0, 0))))
    history.push(RasterizeText(("t",)))
    layer = history.document.raster("t")
    assert layer.text is None
    assert layer.pixels == pixels


@pytest.mark.parametrize(
    ("written", "kept"),
    [("#FF8000", "#ff8000"), ("ff8000", "#ff8000"), ("#f80", "#ff8800"), ("#ff80", "#000000")],
)
def test_colours_are_kept_in_one_form(written: str, kept: str) -> None:
    assert TextOptions(color=written).color == kept
