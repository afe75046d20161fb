"""Turns a Rasa project's credentials into `channels: rasa:` of bot.yaml. Secrets are never copied: their places are.

In: the credentials files. Out: the section as values, and the report of every channel. A secret is written as
`${RASA_…}`, to be set in the environment; what Rasa itself fills in from the environment stays as it is.
"""

import re
from typing import Any

from pydantic import ValidationError

from chatwright.bot.rasa_channels import RasaChannels
from chatwright.bot.rasa_import.project import Project
from chatwright.bot.rasa_import.report import Outcome, Report

_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_SECRETS = frozenset({"token", "jwt_key", "password"})
_LEFT_KEYS = frozenset({"cafile", "cors_allowed_origins"})
_LEFT = "This channel has no counterpart; the chat page, the HTTP API and Rasa's own web channels are served."
_ORIGINS = "Name the web pages that may connect under channels: allowed_origins: in bot.yaml."


def read_channels(project: Project, report: Report) -> dict[str, Any]:
    """The values of `channels: rasa:`; empty when no credentials say anything of a channel that is served."""
    found: dict[str, Any] = {}
    for source in project.credentials:
        for name, written in source.values.items():
            place = source.place([name])
            if name == "rest":
                report.add("channel", name, place, "converted", "`channels: rasa: rest:` in bot.yaml")
                found["rest"] = True
            elif name in ("callback", "socketio"):
                _served(found, name, written, place, report)
            elif name == "rasa":
                report.add("channel", name, place, "left", "Rasa's own cloud is not needed.")
            else:
                report.add("channel", name, place, "left", _LEFT)
    return {"rest": False, **found} if found else {}


def _served(found: dict[str, Any], name: str, written: Any, place: str, report: Report) -> None:
    """One channel that is served, when its values are such as ours takes."""
    values = written if isinstance(written, dict) else {}
    variables: list[str] = []
    section = {
        key: _without_secrets(name, key, item, variables) for key, item in values.items() if key not in _LEFT_KEYS
    }
    try:
        RasaChannels.model_validate({name: section})
    except ValidationError as err:
        first = err.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        report.add(
            "channel", name, place, "left", f"{where}: {first['msg']}", f"Write it under channels: rasa: {name}:."
        )
        return
    found[name] = section
    steps = [f"Set {', '.join(variables)} in the environment."] if variables else []
    steps += [_ORIGINS] if name == "socketio" else []
    steps += [f"{key!r} was left out." for key in values if key in _LEFT_KEYS]
    outcome: Outcome = "approximated" if variables or len(section) < len(values) else "converted"
    report.add("channel", name, place, outcome, f"`channels: rasa: {name}:` in bot.yaml", " ".join(steps))


def _without_secrets(channel: str, key: str, value: Any, variables: list[str]) -> Any:
    """The value with each secret in it replaced by the name of a variable."""
    if isinstance(value, dict) and key == "headers":  # a header may hold a key; its name does not tell
        return {name: _variable(channel, name, item, variables) for name, item in value.items()}
    if isinstance(value, dict):
        return {name: _without_secrets(channel, name, item, variables) for name, item in value.items()}
    return _variable(channel, key, value, variables) if key in _SECRETS and value is not None else value


def _variable(channel: str, key: str, value: Any, variables: list[str]) -> str:
    if isinstance(value, str) and _VARIABLE.fullmatch(value):
        return value
    name = re.sub(r"[^A-Z0-9]+", "_", f"RASA_{channel}_{key}".upper())
    variables.append(name)
    return f"${{{name}}}"
