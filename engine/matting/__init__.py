"""From a flat drawing on a ground to a layer: alpha routes, colour cleanup, judgement."""
