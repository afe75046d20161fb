"""The section `channels: rasa:`: Rasa's own words are taken, everything else is refused with its line."""

from pathlib import Path

import pytest

from chatwright.bot.definition import load_definition
from chatwright.bot.rasa_channels import CallbackSettings, RasaChannels, SocketIoSettings
from chatwright.errors import ConfigError


def read(folder: Path, section: str) -> RasaChannels:
    (folder / "bot.yaml").write_text(f"name: shop\nchannels:\n  rasa:\n{section}", encoding="utf-8")
    return load_definition(folder).channels.rasa


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("    rest:\n", RasaChannels()),
        ("    rest: false\n", RasaChannels(rest=False)),
        ("    socketio:\n", RasaChannels(socketio=SocketIoSettings())),
        ("    socketio: true\n", RasaChannels(socketio=SocketIoSettings())),
        ("    socketio: false\n", RasaChannels()),
        ("    strict: true\n", RasaChannels(strict=True)),
        (
            "    callback:\n      url: https://crm.example/bot\n",
            RasaChannels(callback=CallbackSettings(url="https://crm.example/bot")),
        ),
        (
            "    socketio:\n      user_message_evt: said\n      bot_message_evt: spoke\n      namespace: /chat\n"
            "      session_persistence: true\n      socketio_path: /my/socket\n      metadata_key: customData\n",
            RasaChannels(
                socketio=SocketIoSettings(
                    user_message_evt="said",
                    bot_message_evt="spoke",
                    namespace="/chat",
                    session_persistence=True,
                    socketio_path="/my/socket",
                    metadata_key="customData",
                )
            ),
        ),
    ],
)
def test_what_can_be_written(tmp_path: Path, section: str, expected: RasaChannels) -> None:
    assert read(tmp_path, section) == expected


def test_without_the_section_only_rest_is_on(tmp_path: Path) -> None:
    (tmp_path / "bot.yaml").write_text("name: shop\n", encoding="utf-8")
    rasa = load_definition(tmp_path).channels.rasa
    assert (rasa.rest, rasa.callback, rasa.socketio, rasa.strict) == (True, None, None, False)


def test_a_secret_is_not_shown() -> None:
    assert "hunter2" not in repr(SocketIoSettings.model_validate({"jwt_key": "hunter2"}))


@pytest.mark.parametrize(
    ("section", "line", "words"),
    [
        ("    socket: {}\n", 4, "Did you mean 'socketio'"),
        ("    socketio:\n      jwt_kay: a\n", 5, "Did you mean 'jwt_key'"),
        ("    callback: {}\n", 4, "url"),
        ("    callback:\n      url: ftp://crm.example\n", 5, "http:// or https://"),
        ("    callback:\n      url: https://name:word@crm.example/\n", 5, "no password"),
        ("    callback:\n      url: https://crm.example/\n      max_tries: 50\n", 6, "max_tries"),
        ("    socketio:\n      jwt_method: none\n", 5, "jwt_method"),
        ("    socketio:\n      socketio_path: /api/socket\n", 5, "something else there"),
        ("    socketio:\n      socketio_path: socket.io\n", 5, "socketio_path"),
        ("    socketio:\n      socketio_path: /a/../b\n", 5, "socketio_path"),
        ("    socketio:\n      user_message_evt: connect\n", 5, "a meaning of its own"),
        ("    rest: maybe\n", 4, "rest"),
        ("    - rest\n", 3, "rasa"),
    ],
)
def test_what_cannot(tmp_path: Path, section: str, line: int, words: str) -> None:
    with pytest.raises(ConfigError, match=f"bot.yaml:{line}: ") as caught:
        read(tmp_path, section)
    assert words in str(caught.value)
