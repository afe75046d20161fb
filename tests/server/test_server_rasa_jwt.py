"""Tokens of Socket.IO clients: good ones, and every kind of bad one."""

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from chatwright.bot.rasa_channels import SocketIoSettings
from chatwright.errors import ConfigError
from chatwright.server.rasa_jwt import Claims, TokenJudge

KEY = "a secret of the owner, long enough"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA_PUBLIC = (
    RSA_KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)


def judge(key: str = KEY, method: str = "HS256") -> TokenJudge:
    return TokenJudge("support", SocketIoSettings.model_validate({"jwt_key": key, "jwt_method": method}))


def signed(claims: dict[str, Any], key: Any = KEY, method: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=method)


@pytest.mark.parametrize(
    ("token", "claims"),
    [
        pytest.param(signed({}), Claims(), id="nobody in particular"),
        pytest.param(signed({"sub": "anna"}), Claims(subject="anna"), id="a subject"),
        pytest.param("Bearer " + signed({"sub": "anna"}), Claims(subject="anna"), id="Bearer"),
        pytest.param(
            signed({"sub": "anna", "exp": 4_000_000_000}),
            Claims(subject="anna", expires_at=4_000_000_000.0),
            id="an end",
        ),
        pytest.param(None, None, id="none"),
        pytest.param("", None, id="empty"),
        pytest.param(7, None, id="no text"),
        pytest.param("a.b.c", None, id="no token"),
        pytest.param(signed({}, "another secret, also long enough ..."), None, id="another key"),
        pytest.param(signed({}, KEY * 2, "HS512"), None, id="another method"),
        pytest.param(jwt.encode({}, None, algorithm="none"), None, id="unsigned"),
        pytest.param(signed({"exp": 1}), None, id="expired"),
        pytest.param(signed({"nbf": 4_000_000_000}), None, id="not yet"),
        pytest.param(signed({}) + "x", None, id="changed"),
        pytest.param("a" * 10_000, None, id="too long"),
    ],
)
def test_a_token(token: Any, claims: Claims | None) -> None:
    assert judge().judge(token) == claims


def test_a_public_key_judges_what_its_private_key_has_signed_and_is_no_shared_secret() -> None:
    public = judge(RSA_PUBLIC, "RS256")
    assert public.judge(signed({"sub": "anna"}, RSA_KEY, "RS256")) == Claims(subject="anna")
    assert public.judge(signed({"sub": "anna"})) is None
    with pytest.raises(ConfigError, match="no key for HS256"):
        judge(RSA_PUBLIC, "HS256")


def test_claims_end() -> None:
    assert Claims(expires_at=time.time() - 1).has_expired
    assert not Claims(expires_at=time.time() + 60).has_expired
    assert not Claims().has_expired


def test_the_key_may_stand_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_JWT", KEY)
    assert judge("${SHOP_JWT}").judge(signed({})) == Claims()
    monkeypatch.delenv("SHOP_JWT")
    with pytest.raises(ConfigError, match="SHOP_JWT"):
        judge("${SHOP_JWT}")


@pytest.mark.parametrize(("key", "method"), [("not PEM", "RS256"), ("", "HS256")])
def test_what_is_no_key(key: str, method: str) -> None:
    with pytest.raises(ConfigError, match="jwt_key"):
        judge(key, method)
