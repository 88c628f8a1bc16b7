"""The layer editor: document, commands, formats, canvas, panels and windows."""
