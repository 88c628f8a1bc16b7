"""The native format `.layerloom`, an OpenRaster file with a folder of our own; see README.md."""

from __future__ import annotations

from editor.formats.native_reader import OraFile, read_native
from editor.formats.native_writer import write_native

__all__ = ["OraFile", "read_native", "write_native"]
