"""The Python that has the published rasa-sdk, as the tests of actions make it, and its action server over a folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.actions.conftest import free_port as free_port
from tests.actions.conftest import process
from tests.actions.conftest import rasa_sdk_python as rasa_sdk_python


@contextmanager
def action_server(python: str, folder: Path, port: int) -> Iterator[None]:
    """`python -m rasa_sdk` over the actions that were copied into a bot folder, until the context ends."""
    environment = os.environ | {"SANIC_HOST": "127.0.0.1", "PYTHONWARNINGS": "ignore"}
    arguments = [python, "-m", "rasa_sdk", "--actions", "actions", "--port", str(port), "--quiet"]
    health = f"http://127.0.0.1:{port}/health"
    with process(arguments, health, folder.parent / "action-server.log", cwd=folder, env=environment):
        yield
