"""Every error a user can meet, as one tree by who must act.

Each carries `status` (the HTTP status the server answers), `hint` (the next step, one sentence) and `code` (a stable
word for programs). The message names the thing, the value and the choices; a traceback never reaches a user.
"""

from difflib import get_close_matches


class ChatwrightError(Exception):
    """The root; never raised itself. exit_code is what the command line ends with."""

    status = 500
    exit_code = 1

    def __init__(self, message: str, *, hint: str = "", code: str = "", status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).__name__.removesuffix("Error").lower()
        if status is not None:
            self.status = status

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ConfigError(ChatwrightError):
    """The owner of the bot must act: a bot folder, a model file, a setting or this machine is not as it must be."""

    exit_code = 2


class RequestError(ChatwrightError):
    """The caller must act: the request cannot be served as it stands. `param` names the field at fault."""

    status = 400

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str = "",
        status: int | None = None,
        param: str | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code, status=status)
        self.param = param
        self.retry_after_s = retry_after_s


class EngineError(ChatwrightError):
    """The model or the store failed or is busy: trying again later may help. `retry_after_s` when it is known."""

    status = 503

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        code: str = "",
        status: int | None = None,
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, code=code, status=status)
        self.retry_after_s = retry_after_s


class ActionError(ChatwrightError):
    """An action of a flow failed. code: `unknown_action`, `rejected` (try another), `unreachable`, `timeout`,
    `bad_reply` or `failed`."""

    status = 502


class Refused(ChatwrightError):  # noqa: N818 - not a failure: a decision
    """Nobody must act: a guard decided that this is not answered."""

    status = 403


def nearest(value: str, choices: list[str]) -> str:
    """` Did you mean 'support'?`, or the list of choices, or nothing when there are none."""
    close = get_close_matches(value, choices, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    return f"Choose one of: {', '.join(sorted(choices))}." if choices else ""
