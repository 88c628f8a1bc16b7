"""What a document has that our PSD files do not hold yet, so that a save to PSD can say so."""

from __future__ import annotations

from editor.document.state import DocumentState
from editor.translations import tr


def not_kept(state: DocumentState) -> tuple[str, ...]:
    """Names of what would be missing after opening the PSD again; empty = nothing."""
    rasters = state.raster_layers()
    found = {
        tr("editable text"): any(layer.text is not None for layer in rasters),
        tr("transforms"): any(
            layer.matrix is not None or layer.source is not None for layer in rasters
        ),
        tr("variations"): any(layer.variations for layer in rasters),
        tr("what the next try shall be like"): any(
            layer.wish is not None and layer.record is None for layer in rasters
        ),
        tr("the selection"): state.selection is not None,
    }
    return tuple(name for name, is_there in found.items() if is_there)
