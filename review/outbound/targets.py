"""Which addresses may be called: public ones, and private ones only where the operator allows them.

Pure. The address that was checked is the one that is called, so a name can't change its mind.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Look = Callable[[str, int], list[str]]


class Forbidden(Exception):
    """This address may not be called; the message is a sentence for the page."""


class Unknown(Exception):
    """The name has no address now."""


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, by this machine's resolver. Raises Unknown."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unknown from None
    return [str(entry[4][0]) for entry in found]


def checked(
    host: str, port: int, *, allowed: Sequence[str], public: bool, look: Look = look_up
) -> str:
    """The address to call for a host.

    `allowed` holds networks (10.1.0.0/16), host names and host:port pairs that the operator named;
    `public` says whether addresses of the open internet are allowed too. Every address of the name
    must be allowed. Raises Forbidden or Unknown.
    """
    named = {entry.casefold() for entry in allowed}
    if {host.casefold(), f"{host}:{port}".casefold()} & named:
        return look(host, port)[0]
    networks = [network for entry in allowed if (network := _network(entry))]
    addresses = look(host, port)
    for text in addresses:
        address = _address(text)
        inside = any(address in network for network in networks)
        if not inside and not (public and address.is_global and not address.is_multicast):
            raise Forbidden(
                "This address is not on the open internet, or not allowed here. "
                "The operator can allow it in COUNTERSIGN_OUTBOUND."
            )
    return addresses[0]


def _address(text: str) -> Address:
    """An address without its zone; one that wraps an IPv4 address is judged by that."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None
