"""Says which addresses a host may be called at: those of the internet, never this machine or its network.

In: a host name and a port. Out: addresses that were looked at, to connect to exactly these; a name that is looked up
again could point elsewhere by then. Raises ActionError(code="unreachable" or "rejected").
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from chatwright.errors import ActionError

_NAT64 = IPv6Network("64:ff9b::/96")


async def checked_addresses(name: str, host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of `host`, in the system's order. One address that is not public makes all of them refused."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as err:
        raise ActionError(
            f"The host {host!r} of action {name!r} has no address.", hint="Check its name.", code="unreachable"
        ) from err
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not allow_private:
        for address in addresses:
            if not is_public(address):
                raise ActionError(
                    f"Action {name!r} was not run: its host {host!r} has an address inside this network.",
                    hint="Where that is meant, set allow_private_addresses: true for the tool.",
                    code="rejected",
                )
    return addresses


def is_public(address: str) -> bool:
    """True for an address of the internet; of an IPv6 address that carries an IPv4 one, that counts."""
    try:
        parsed = ip_address(address)  # one with a scope (`fe80::1%eth0`) is read too
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address):
        parsed = _carried(parsed) or parsed
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _carried(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
