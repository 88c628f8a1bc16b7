"""Prompts that come from elsewhere: markup, addresses, hashtags, flags, weights, odd letters."""

from __future__ import annotations

import pytest

from engine.prompts.grammar.parse import parse_prompt
from engine.prompts.grammar.parsed import ParsedPrompt

KNOWN = {"dog", "cat", "apple", "bee", "car", "sofa"}


def parse(text: str) -> ParsedPrompt:
    return parse_prompt(text, KNOWN.__contains__)


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("ａ　ｒｅｄ　ｃａｒ", ["red car"]),
        ("<b>a dog</b> &amp; a <i>red</i> cat<br>an apple", ["dog", "red cat", "apple"]),
        ("# A dog\n- [ ] cat\n- [x] apple", ["dog", "cat", "apple"]),
        ("[a dog](https://example.com/cat)", ["dog"]),
        ("/imagine prompt: a cat --ar 16:9 --v 6.1 --tile", ["cat"]),
        ("a cat —ar 16:9", ["cat"]),
        ("(red apple:1.3), ((dog:0.8)), [cat]", ["red apple", "dog", "cat"]),
        ("<lora:foo:0.8> a cat BREAK a dog", ["cat", "dog"]),
        ("score_9, score_8_up, a cat", ["cat"]),
        ("subject=dog", ["dog"]),
        ("A.Dog.And.A.Cat", ["dog", "cat"]),
        ("ADogAndACat", ["dog", "cat"]),
        ("a-dog-and-a-cat", ["dog", "cat"]),
        ("'a dog'", ["dog"]),
        ("① dog ② cat", ["dog", "cat"]),
        ("a) dog b) cat", ["dog", "cat"]),
        ("#RedCar #bee", ["red car", "bee"]),
        ("a cat, f/1.8, ISO 100", ["cat"]),
    ],
)
def test_only_what_is_to_be_seen_is_read(text: str, objects: list[str]) -> None:
    parsed = parse(text)
    assert [item.phrase for item in parsed.objects] == objects
    assert (parsed.about, parsed.numbers, parsed.background) == ((), (), "")


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("a cat https://example.com/dog?a=1#tree", ("https://example.com/dog?a=1#tree",)),
        ("a cat by @anna_art", ("@anna_art",)),
        ("a cat #instagood", ("#instagood",)),
    ],
)
def test_addresses_and_unknown_tags_are_kept_for_a_note(text: str, about: tuple[str, ...]) -> None:
    parsed = parse(text)
    assert [item.phrase for item in parsed.objects] == ["cat"]
    assert parsed.about == about


def test_hashtags_name_backgrounds_and_colors_too() -> None:
    parsed = parse("#sunset #cat, a #ff8800 dog")
    assert parsed.background == "sunset"
    assert [item.phrase for item in parsed.objects] == ["cat", "#ff8800 dog"]


def test_a_style_may_be_a_flag() -> None:
    assert parse("a cat --style glossy --s 250").style == "glossy"
