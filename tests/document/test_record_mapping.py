"""What the engine says of how a layer was made survives into the document and back."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np

from editor.document.pixels import PixelBuffer
from editor.document.recipe import GenerationRecord
from editor.generation.records import to_document_record, to_engine_record
from engine.requests import LayerRecord
from engine.requests.run_options import AdapterUse, RunRecord
from tests.formats.filled_values import filled

PIXELS = PixelBuffer.from_array(np.zeros((4, 4, 4), np.uint8))
RUN = RunRecord("sdpa-math", 0.12, 56, 9, 0.034, (AdapterUse("ink.safetensors", "ab" * 32, 0.7),))


def test_a_full_size_run_goes_into_a_file_and_back() -> None:
    made = replace(filled(LayerRecord), alpha_route="decoder", run=RUN, seed=4)
    kept = to_document_record(made, PIXELS)
    read = GenerationRecord.from_json(json.loads(json.dumps(kept.to_json())))
    assert read == kept
    assert to_engine_record(read, "a").run == RUN


def test_the_starters_layers_have_none() -> None:
    kept = to_document_record(replace(filled(LayerRecord), run=None), PIXELS)
    assert kept.run is None
    assert "run" not in kept.to_json()
    assert to_engine_record(kept, "a").run is None
