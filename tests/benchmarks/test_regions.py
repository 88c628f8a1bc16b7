"""The benchmark of regions fails when the used pixels are wrong, however fast they came."""

from __future__ import annotations

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import regions


@pytest.mark.parametrize(("difference", "status"), [(2e-5, 0), (0.02, 1), (float("nan"), 1)])
def test_wrong_pixels_fail(monkeypatch: pytest.MonkeyPatch, difference: float, status: int) -> None:
    times = {"full": [9.0], "boxes": [1.0], "stack": [1.0], "with whole": [1.0]}
    times["everything"] = [9.0]
    monkeypatch.setattr(regions, "processor_seconds", lambda _candidates, _rounds: times)
    monkeypatch.setattr(regions, "_largest_difference", lambda _setup: difference)
    assert benchmarks.main(["regions"]) == status
