"""Joins documents and the engine without a window: requests from a document, commands from results.

Window and terminal both go through here, so the same document gives the same request.
"""

from editor.document.layer_prompts import has_automatic_name, prompt_of
from editor.generation.context import context_of
from editor.generation.landing import (
    command_for,
    generated_ids,
    insert_command,
    replace_command,
    to_document_record,
)
from editor.generation.requests import (
    STARTER,
    boxes_of,
    layer_request,
    layout_request,
    new_document,
    styles,
    usual_sampling,
)
from editor.generation.verification import (
    Agreement,
    LayerCheck,
    can_be_repeated,
    compare,
    repeat_request,
)

__all__ = [
    "STARTER",
    "Agreement",
    "LayerCheck",
    "boxes_of",
    "can_be_repeated",
    "command_for",
    "compare",
    "context_of",
    "generated_ids",
    "has_automatic_name",
    "insert_command",
    "layer_request",
    "layout_request",
    "new_document",
    "prompt_of",
    "repeat_request",
    "replace_command",
    "styles",
    "to_document_record",
    "usual_sampling",
]
