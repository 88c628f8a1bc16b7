"""Words about how a picture looks that name nothing to draw: "high quality, 4k, vibrant colors"."""

from __future__ import annotations

from collections.abc import Sequence

from engine.prompts.english.shades import SHADES, known_colour
from engine.prompts.english.words import DETERMINERS

# Says nothing that could be done otherwise.
PRAISE = frozenset((
    "high", "quality", "high-quality", "best", "highest", "highly", "very", "ultra", "super",
    "extremely", "detailed", "detail", "details", "intricate", "4k", "8k", "hd", "uhd", "hdr",
    "resolution", "high-resolution", "hi-res", "high-res", "masterpiece", "professional",
    "professionally", "beautiful", "stunning", "amazing", "gorgeous", "perfect", "award-winning",
    "trending", "artstation", "behance", "dribbble", "deviantart", "unreal", "octane",
    "sharp", "crisp", "clean", "print-ready", "dpi", "nice", "good", "great",
    "etc", "thanks", "thank", "you", "please", "text-free", "watermark", "watermarks", "text",
    "png", "svg", "eps", "jpg", "jpeg", "aesthetic", "pro",
    "something", "anything",
))  # fmt: skip
# May have meant something that the models do not do.
MOODS = frozenset((
    "modern", "elegant", "playful", "cozy", "cosy", "geometric", "abstract", "whimsical", "vintage",
    "retro", "rustic", "boho", "minimal", "minimalist", "minimalistic", "simple", "bold", "vibrant",
    "colourful", "colorful", "warm", "cool", "cold", "soft", "dreamy", "magical", "funny", "cute",
    "kawaii", "friendly", "festive", "romantic", "luxurious", "luxury", "cinematic", "realistic",
    "photorealistic", "hyperrealistic", "dramatic", "isometric", "symmetrical", "centered",
    "centred", "isolated", "hand-drawn", "handdrawn", "trendy", "stylish", "fresh", "organic",
    "moody", "fun", "calm", "serene", "monochrome", "monochromatic", "watercolor",
    "watercolour", "anime", "manga", "low-poly", "textured", "childlike", "happy", "cheerful",
    "delicate", "natural", "rounded", "harmonious", "complementary", "neutral", "earthy", "subtle",
    "family-friendly", "kid-friendly", "symmetric", "fantasy", "storybook", "steampunk",
    "cyberpunk", "sci-fi", "futuristic", "surreal", "smooth", "digital", "macro", "hyper-realistic",
    "photo-realistic", "ethereal", "nostalgic", "majestic", "intricate",
))  # fmt: skip
# These are things, or nothing, when they stand alone.
_BESIDE_OTHERS = frozenset((
    "engine", "render", "focus", "top", "pixels", "px", "hand", "line", "pixel", "studio", "neon",
    "drawn", "lots", "wide", "angle", "few", "only", "thick", "thin", "rich", "limited", "use",
    "using", "afternoon", "morning", "evening", "golden", "hour", "ambient", "volumetric", "rim",
    "shallow", "depth", "blender", "cgi", "concept", "style",
    "so", "much",
))  # fmt: skip
_LOOKS = frozenset((
    "color", "colour", "colors", "colours", "tones", "hues", "shades", "palette", "lighting",
    "light", "mood", "atmosphere", "feel", "feeling", "vibe", "vibes", "look", "lines", "shapes",
    "edges", "corners", "texture", "textures", "contrast", "composition", "art", "aesthetic",
    "scheme", "shading", "strokes", "outlines", "space", "layout", "typography", "photography",
    "render", "field", "lens", "shot", "illustration",
))  # fmt: skip
_EDGES = frozenset(("outline", "outlines", "border", "borders", "contours"))


def is_praise(words: Sequence[str]) -> bool:
    """Whether a piece is pure filler: "high quality"."""
    said = _said(words)
    return bool(PRAISE & set(said)) and all(
        word in PRAISE | _BESIDE_OTHERS or word.isdigit() for word in said
    )


def is_about_the_look(words: Sequence[str]) -> bool:
    """Whether a piece only says how the picture looks: "soft pastel colors", "geometric"."""
    said = _said(words)
    if len(said) > 1 and said[-1] in _EDGES and all(known_colour(word) for word in said[:-1]):
        return True  # "white outline"
    if not said or (len(said) == 1 and said[0] not in MOODS | {"lighting", "atmosphere"}):
        return False
    return all(word in PRAISE | MOODS | _BESIDE_OTHERS | _LOOKS or word in SHADES for word in said)


def _said(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in DETERMINERS and word not in ("and", "of")]
