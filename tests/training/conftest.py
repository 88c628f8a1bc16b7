"""For all tests of training."""

from __future__ import annotations

import pytest

from tests.helpers.threads import on_one_thread

one_thread = pytest.fixture(scope="package", autouse=True)(on_one_thread)
