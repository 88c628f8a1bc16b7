"""The jobs of a window beside the engine, free of Qt: their queue, progress and times."""
