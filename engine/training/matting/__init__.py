"""The small matting net: its training, and the alpha routes on drawings of known alpha."""
