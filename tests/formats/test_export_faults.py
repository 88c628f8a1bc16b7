"""A killed export or a full disk leaves the old file or the new one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def test_a_few_kills_and_full_disks(tmp_path: Path) -> None:
    from tests.formats.export_faults import SUFFIXES, run

    outcome = run(2, seed=3, folder=tmp_path)
    assert outcome.failures == []
    assert outcome.kills == outcome.full_disks == 2 * len(SUFFIXES)
    assert outcome.old_files + outcome.new_files == 4 * len(SUFFIXES)


@pytest.mark.slow
def test_a_hundred_kills_and_full_disks_of_each_format(tmp_path: Path) -> None:
    from tests.formats.export_faults import run

    outcome = run(100, seed=1, folder=tmp_path)
    sys.stdout.write(f"{outcome}\n")
    assert outcome.failures == []
    assert outcome.old_files > 100
    assert outcome.new_files > 50
