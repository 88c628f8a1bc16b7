"""Captions of objects and scenes."""

from __future__ import annotations

from engine.prompts.captions import object_caption, scene_caption


def test_objects_are_named_in_layer_order_then_background_then_style() -> None:
    caption = scene_caption(["red apple", "orange", "dog"], "sunset gradient", "flat")
    assert caption == "a red apple, an orange and a dog on a sunset gradient background, flat style"


def test_scene_without_background_or_objects() -> None:
    assert scene_caption(["dog"], "", "glossy") == object_caption("dog", "glossy")
    assert scene_caption([], "plain blue", "flat") == "plain blue background, flat style"
