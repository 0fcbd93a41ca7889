"""Which network addresses an image may be fetched from.

Sellers write the URLs, so a URL must never lead into the network that matchstream runs in.
"""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

Judge = Callable[[Address], str | None]
"""Says why nothing may be fetched from an address, or None if it may."""

_FORBIDDEN = tuple(
    (ip_network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "inside a carrier's network"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    )
)
_NAT64 = ip_network("64:ff9b::/96")
_IPV6_UNICAST = ip_network("2000::/3")


class ForbiddenAddressError(OSError):
    """A connection that was not made, because of where it leads.

    An `OSError` without a number, so that aiohttp hands it on as the cause of a failed connection.
    """


def why_forbidden(address: Address) -> str | None:
    """What kind of address that is not public this is, or None if it is a public one.

    Source: the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890).
    """
    embedded = _embedded(address)
    if embedded is not None:
        return why_forbidden(embedded)
    for network, reason in _FORBIDDEN:
        if address in network:
            return reason
    if address.version == 6 and address not in _IPV6_UNICAST:  # noqa: PLR2004 - the protocol's own number
        return "reserved"
    return None


def ensure_allowed(host: str, address: str, judge: Judge) -> None:
    """Check one address that a host was resolved to.

    Raises:
        ForbiddenAddressError: the judge is against it, or it can't be read as an address.
    """
    try:
        reason = judge(ip_address(address))
    except ValueError:
        reason = "not an IP address in its usual form"
    if reason is not None:
        led = f"address {address}" if host == address else f"host '{host}' at {address}"
        raise ForbiddenAddressError(f"{led}, which is {reason}")


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that packets to an IPv6 address end at: mapped, 6to4 or NAT64 (RFC 6052)."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
