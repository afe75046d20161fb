"""A sender is one user for each credential and channel, whatever their ids look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatwright.server.auth import Principal
from chatwright.server.rasa_senders import CHANNELS, credential_of, user_of

ID = st.text(max_size=8) | st.sampled_from(["local", "key:1", "a:b", ":", "x" * 500])
CREDENTIAL = st.sampled_from(["local", "key:1a2b3c4d", "key:1a2b3c4e", "jwt:anna", "jwt:anna%3A", "session"])


@pytest.mark.parametrize(
    ("principal", "credential"),
    [
        (Principal(address="127.0.0.1", is_local=True), "local"),
        (Principal(address="10.0.0.1", is_local=False, key_id="1a2b3c4d"), "key:1a2b3c4d"),
    ],
)
def test_a_credential(principal: Principal, credential: str) -> None:
    assert credential_of(principal) == credential


def test_a_user_can_be_read_and_found_by_whoever_exports_or_erases_them() -> None:
    assert user_of("rest", "local", "anna") == "rasa:rest:local:anna"
    assert len(user_of("rest", "local", "x" * 1000)) <= 200


@given(
    one=st.tuples(st.sampled_from(CHANNELS), CREDENTIAL, ID), other=st.tuples(st.sampled_from(CHANNELS), CREDENTIAL, ID)
)
def test_no_two_are_the_same(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (user_of(*one) == user_of(*other)) == (one == other)  # type: ignore[arg-type]
