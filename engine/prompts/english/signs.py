"""What a sign forbids, by its words: "no smoking sign", "dogs not allowed", "do not touch"."""

from __future__ import annotations

# The label of the drawing that stands for all signs that forbid something.
PROHIBITION = "prohibition sign"
# Behind what it says, these are the sign itself.
SIGN_WORDS = frozenset(("sign", "signs", "symbol", "symbols", "icon", "icons", "emoji", "emojis"))
ORDERS = (("do", "not"), ("don't",), ("no",))
VERDICTS = (
    ("not", "allowed"), ("not", "permitted"), ("allowed",), ("permitted",), ("prohibited",),
    ("forbidden",), ("banned",),
)  # fmt: skip
_SAYS_NO = VERDICTS[:2] + VERDICTS[4:]  # without "no" before them
_SMALL = frozenset(("is", "are", "strictly"))


def forbidden_by(phrase: str) -> str:
    """What the sign of these words forbids: "dogs" of "no dogs allowed"; empty = it is none."""
    words = phrase.split()
    while words and words[-1] in SIGN_WORDS:
        words.pop()
    order = length_of(words, ORDERS)
    verdict = next((v for v in VERDICTS if tuple(words[-len(v) :]) == v), ())
    if not order and verdict not in _SAYS_NO:
        return ""
    thing = words[order : len(words) - len(verdict)]
    while thing and thing[-1] in _SMALL:
        thing.pop()
    return " ".join(thing)


def names_of_sign(phrase: str) -> list[str]:
    """What else the same sign is called, with and without "sign": "no dogs" of "dogs forbidden"."""
    said = [word for word in phrase.split() if word not in SIGN_WORDS]
    names = [" ".join(said), f"no {forbidden_by(phrase)}"]
    return [f"{name}{end}" for name in dict.fromkeys(names) for end in ("", " sign")]


def as_sign(phrase: str) -> str:
    """The phrase with the word "sign", if it is one that forbids something."""
    is_called_so = not SIGN_WORDS.isdisjoint(phrase.split()[-1:])
    return f"{phrase} sign" if forbidden_by(phrase) and not is_called_so else phrase


def length_of(words: list[str], phrases: tuple[tuple[str, ...], ...]) -> int:
    """Number of words of the first phrase that these begin with; 0 = none."""
    return next((len(p) for p in phrases if tuple(words[: len(p)]) == p), 0)
