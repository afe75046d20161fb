import pytest

from chatwright.actions.environment_secrets import resolve_headers, secrets_in
from chatwright.errors import ConfigError


def test_variables_are_put_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "s3cret-value")
    headers = {"Authorization": "Bearer ${SHOP_TOKEN}", "X-Plain": "shop $5 {x}"}
    assert resolve_headers(headers, "tool") == {"Authorization": "Bearer s3cret-value", "X-Plain": "shop $5 {x}"}
    assert secrets_in(headers) == ("s3cret-value",)


@pytest.mark.parametrize(
    ("name", "written", "value", "told"),
    [
        ("Authorization", "${SHOP_TOKEN}", "", "SHOP_TOKEN"),
        ("Authorization", "${SHOP_TOKEN}", "abc\r\nX-Evil: 1", "Authorization"),
        ("Authorization", "${SHOP_TOKEN}", "密码", "Authorization"),
        ("Host", "x", "v", "Host"),
        ("content-length", "1", "v", "content-length"),
        ("Bad Name", "x", "v", "Bad Name"),
        ("X\r\nY", "x", "v", "header"),
    ],
)
def test_what_cannot_be_sent_is_the_owners_error_and_keeps_the_secret(
    name: str, written: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", value)
    with pytest.raises(ConfigError, match=told) as caught:
        resolve_headers({name: written}, "HTTP tool 'x'")
    assert "abc" not in str(caught.value)
    assert "密码" not in str(caught.value)
