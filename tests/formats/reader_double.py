"""Stands in for the reading process in tests: hangs, grows, crashes or talks nonsense."""

from __future__ import annotations

import os
import sys
import time

WAY = "LAYERLOOM_TEST_READER"


def _hang() -> None:
    time.sleep(60)


def _half() -> None:
    sys.stdout.write('{"share": 0.5}\n')
    sys.stdout.flush()
    time.sleep(60)


def _grow() -> None:
    block = bytearray(os.urandom(4096)) * (200 * 2**20 // 4096)
    time.sleep(60)
    del block


def _crash() -> None:
    os.abort()


def _talk() -> None:
    sys.stdout.write('no json\n[1]\n{"share": 0.5}\n{"is_ours": true, "notes": []}\n')


if __name__ == "__main__":
    ways = {"hang": _hang, "half": _half, "grow": _grow, "crash": _crash, "talk": _talk}
    ways[os.environ[WAY]]()
