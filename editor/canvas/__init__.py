"""The canvas: tiles of the composite, the view over them, and what is drawn on top."""
