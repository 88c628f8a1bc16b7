"""The engine thread, its errors, the prompt and the layout."""
