"""Runs subclasses of rasa_sdk.Action that a folder's code defines, with the SDK's own executor.

In: the body of a call. Out: the body of the reply. Without rasa-sdk in this Python there are none. What an action does
while it runs too long cannot be stopped; only its answer is not waited for.
"""

import asyncio
import importlib
import inspect
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

from chatwright.errors import ActionError


class SdkActions:
    """The subclasses in `modules` that can be made without arguments."""

    def __init__(self, modules: Sequence[ModuleType], *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._executor: Any = None
        self.names: frozenset[str] = frozenset()
        try:
            sdk = importlib.import_module("rasa_sdk")
            executor = importlib.import_module("rasa_sdk.executor")
        except ImportError:
            return
        self._executor = executor.ActionExecutor()
        own = {module.__name__ for module in modules}
        classes = {
            id(value): value
            for module in modules
            for value in vars(module).values()
            if inspect.isclass(value) and issubclass(value, sdk.Action) and value.__module__ in own
        }
        for made in classes.values():
            if not inspect.isabstract(made):
                self._executor.register_action(made)
        self.names = frozenset(self._executor.actions)

    async def run(self, name: str, body: Mapping[str, Any], domain: Mapping[str, Any] | None) -> dict[str, Any]:
        """The reply's body. Raises ActionError."""
        call = {**body, "domain": domain or {}}
        task = asyncio.ensure_future(self._executor.run(call))
        done, _ = await asyncio.wait({task}, timeout=self._timeout_s)
        if not done:
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            task.cancel()
            raise ActionError(f"Action {name!r} took longer than {self._timeout_s:g} s.", code="timeout")
        try:
            reply: dict[str, Any] = task.result().model_dump()
        except Exception as err:
            if type(err).__name__ == "ActionExecutionRejection":
                raise ActionError(str(err), code="rejected") from err
            raise ActionError(f"Action {name!r} raised {type(err).__name__}.", code="failed") from err
        return reply
