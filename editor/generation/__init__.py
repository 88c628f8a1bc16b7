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
    worked_on,
)
from editor.generation.options import LayerOptions, ModelUse, PictureOptions, Transparency
from editor.generation.records import to_document_record
from editor.generation.requests import (
    boxes_of,
    layer_request,
    layout_request,
    new_document,
    styles,
)
from editor.generation.sampling import STARTER, model_of, usual_sampling
from editor.generation.verification import (
    Agreement,
    LayerCheck,
    made_again,
    verify_layers,
)

__all__ = [
    "STARTER",
    "Agreement",
    "LayerCheck",
    "LayerOptions",
    "ModelUse",
    "PictureOptions",
    "Transparency",
    "boxes_of",
    "command_for",
    "context_of",
    "generated_ids",
    "has_automatic_name",
    "insert_command",
    "layer_request",
    "layout_request",
    "made_again",
    "model_of",
    "new_document",
    "prompt_of",
    "replace_command",
    "styles",
    "to_document_record",
    "usual_sampling",
    "verify_layers",
    "worked_on",
]
