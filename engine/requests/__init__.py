"""What is asked of the engine and what comes back: frozen records and NumPy arrays only.

Rule: whatever affects the picture is in the request. Equal requests on equal weights give equal
bytes on one machine. Nothing here imports torch, so the window may use it at start.
"""

from engine.requests.checking import (
    check_request,
    check_sampling,
)
from engine.requests.kinds import (
    GenerationRequest,
    Request,
    Result,
)
from engine.requests.layer import (
    ContextLayer,
    LayerRequest,
    LayerResult,
)
from engine.requests.layout import (
    GenerationMode,
    Harmony,
    LayoutRequest,
    LayoutResult,
    derive_layer_id,
)
from engine.requests.parts import (
    DEFAULT_GUIDANCE,
    DEFAULT_STEPS,
    DEFAULT_STYLE,
    DEFAULT_TRIES,
    MAX_ADAPTER_WEIGHT,
    MAX_BOX_TOKENS,
    MAX_BOXES,
    MAX_PROMPT_CHARACTERS,
    MAX_SIDE_PX,
    MAX_STEPS,
    MAX_TRIES,
    MAX_VARIATIONS,
    MIN_LAYER_SIDE_PX,
    MIN_SIDE_PX,
    MIN_STRENGTH,
    SEED_LIMIT,
    STARTER_NAME,
    TOKEN_PX,
    AdapterChoice,
    AlphaRoute,
    Corners,
    LayerKind,
    LayerPixels,
    RegionBox,
    RgbaArray,
    SamplingOptions,
)
from engine.requests.records import (
    GeneratedLayer,
    LayerRecord,
    RecordEntry,
)
from engine.requests.trial import (
    TrialRequest,
    TrialResult,
)

__all__ = [
    "DEFAULT_GUIDANCE",
    "DEFAULT_STEPS",
    "DEFAULT_STYLE",
    "DEFAULT_TRIES",
    "MAX_ADAPTER_WEIGHT",
    "MAX_BOXES",
    "MAX_BOX_TOKENS",
    "MAX_PROMPT_CHARACTERS",
    "MAX_SIDE_PX",
    "MAX_STEPS",
    "MAX_TRIES",
    "MAX_VARIATIONS",
    "MIN_LAYER_SIDE_PX",
    "MIN_SIDE_PX",
    "MIN_STRENGTH",
    "SEED_LIMIT",
    "STARTER_NAME",
    "TOKEN_PX",
    "AdapterChoice",
    "AlphaRoute",
    "ContextLayer",
    "Corners",
    "GeneratedLayer",
    "GenerationMode",
    "GenerationRequest",
    "Harmony",
    "LayerKind",
    "LayerPixels",
    "LayerRecord",
    "LayerRequest",
    "LayerResult",
    "LayoutRequest",
    "LayoutResult",
    "RecordEntry",
    "RegionBox",
    "Request",
    "Result",
    "RgbaArray",
    "SamplingOptions",
    "TrialRequest",
    "TrialResult",
    "check_request",
    "check_sampling",
    "derive_layer_id",
]
