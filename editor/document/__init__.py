"""The document: layers of straight RGBA pixels, layout boxes, compositing. No Qt, no torch."""
