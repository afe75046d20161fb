"""What every room's tests share: the real model, had the way a user has it, once a session."""

import os
from pathlib import Path

import pytest

from chatwright.models import ModelStore
from chatwright.settings import Settings

LIVE_MODEL = "qwen2.5-coder-0.5b"


@pytest.fixture(scope="session")
def live_model_dir() -> Path:
    """The default model in the form the engine reads: pulled, verified and converted unless it already is.

    CHATWRIGHT_TEST_MODEL_DIR names an already converted folder for quick work on one room.
    """
    named = os.environ.get("CHATWRIGHT_TEST_MODEL_DIR")
    if named:
        return Path(named)
    store = ModelStore(Settings().models_dir, is_progress_shown=False)
    store.pull(LIVE_MODEL)
    return store.prepare(LIVE_MODEL)
