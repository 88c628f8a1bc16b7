"""All kinds of requests and results."""

from __future__ import annotations

from engine.requests.layer import LayerRequest, LayerResult
from engine.requests.layout import LayoutRequest, LayoutResult
from engine.requests.trial import TrialRequest, TrialResult
from engine.requests.upscale import UpscaleRequest, UpscaleResult

GenerationRequest = LayoutRequest | LayerRequest
Request = GenerationRequest | UpscaleRequest | TrialRequest
Result = LayoutResult | LayerResult | UpscaleResult | TrialResult
