"""PSD and PSB: the file that a designer hands over. See README.md in this folder."""

from __future__ import annotations

from editor.formats.psd_reader import read_psd, read_psd_file, written_by_us
from editor.formats.psd_writer import write_psd

__all__ = ["read_psd", "read_psd_file", "write_psd", "written_by_us"]
