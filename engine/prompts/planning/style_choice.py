"""The style of a job: of the request, of the sentence, or the nearest that the models know."""

from __future__ import annotations

from engine.errors import RequestError
from engine.prompts.captions import STYLES
from engine.prompts.grammar.parsed import ParsedPrompt
from engine.prompts.planning.notes import on_style
from engine.requests import DEFAULT_STYLE
from engine.sentences import sentence

# For a model that does not know the first one.
_NEAR_STYLES = {"3d": "glossy", "outlined": "flat"}


def choose_style(asked: str, parsed: ParsedPrompt, notes: list[str]) -> str:
    """The style of the job; a style word of the sentence beats the default of the request.

    Raises:
        RequestError: The request names a style that the models do not know.
    """
    asked_near, unknown_asked = _NEAR_STYLES.get(asked, ""), ""
    if asked not in STYLES and asked_near in STYLES:  # of a layer that other weights have made
        unknown_asked, asked = asked, asked_near
    if asked not in STYLES:
        raise RequestError(
            sentence(
                'The style "{asked}" is not known; choose {known}.',
                asked=asked,
                known=" or ".join(STYLES),
            )
        )
    said = parsed.style if parsed.style in STYLES else _NEAR_STYLES.get(parsed.style, "")
    used = said if said in STYLES and asked == DEFAULT_STYLE else asked
    unknown = (unknown_asked, parsed.unknown_style)
    notes += [on_style(style, used) for style in unknown if style]
    return used
