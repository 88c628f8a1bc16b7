"""Panels beside the canvas: thin views of the document that send commands."""
