"""How strokes, fills and gradients become pixels; no Qt, no tools, no documents' history."""
