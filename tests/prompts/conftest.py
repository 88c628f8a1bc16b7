"""The shipped vocabulary for the tests of this folder."""

from __future__ import annotations

import pytest

from engine.prompts.scene_plan import Vocabulary
from tests.helpers.vocabulary import shipped_vocabulary


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    """All shipped words; no phrase is near to another one by its meaning."""
    return shipped_vocabulary()
