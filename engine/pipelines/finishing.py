"""What is done to a picture after a network has enlarged it: tones, then edges."""

from __future__ import annotations

from engine.pipelines.crisp_edges import crispen_edges
from engine.pipelines.low_resolution import RgbArray
from engine.pipelines.tones import Bytes, keep_tones
from engine.pipelines.upscale_plan import UpscaleOptions


def finish_enlarged(source: RgbArray, enlarged: Bytes, options: UpscaleOptions) -> None:
    """Changes the result of a pass in place, as its options say.

    Args:
        source: What was enlarged, `h w 3`.
        enlarged: `H W 3`, or `H W` when the source is grey.
    """
    if options.keep_tones:
        keep_tones(source, enlarged)
    if options.crisp_edges:
        crispen_edges(enlarged)
