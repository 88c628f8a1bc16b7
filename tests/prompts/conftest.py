"""For all tests of prompts."""

from __future__ import annotations

import pytest

from engine.prompts.vocabulary.vocabulary import Vocabulary
from tests.helpers.threads import on_one_thread
from tests.helpers.vocabulary import shipped_vocabulary

one_thread = pytest.fixture(scope="package", autouse=True)(on_one_thread)


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    """All shipped words; no phrase is near to another one by its meaning."""
    return shipped_vocabulary()
