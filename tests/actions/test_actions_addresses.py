import pytest
from tests.actions.conftest import run

from chatwright.actions.addresses import checked_addresses, is_public
from chatwright.errors import ActionError


@pytest.mark.parametrize(
    ("address", "is_it"),
    [
        ("93.184.216.34", True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("240.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.216.34", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("not an address", False),
    ],
)
def test_only_the_internet_is_public(address: str, is_it: bool) -> None:
    assert is_public(address) is is_it


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f000001", "2130706433", "127.1"])
def test_every_spelling_of_this_machine_is_refused_and_may_be_allowed(host: str) -> None:
    with pytest.raises(ActionError) as caught:
        run(checked_addresses("a", host, 80, allow_private=False))
    assert caught.value.code == "rejected"
    assert set(run(checked_addresses("a", host, 80, allow_private=True))) <= {"127.0.0.1", "::1"}


def test_a_host_without_address_is_unreachable() -> None:
    with pytest.raises(ActionError) as caught:
        run(checked_addresses("a", "no-such-host.invalid", 80, allow_private=False))
    assert caught.value.code == "unreachable"
