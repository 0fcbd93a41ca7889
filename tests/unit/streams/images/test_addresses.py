from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from streams.images.addresses import ForbiddenAddressError, ensure_allowed, why_forbidden

IPV4 = st.integers(0, 2**32 - 1).map(IPv4Address) | st.ip_addresses(v=4)


def embeddings(address: IPv4Address) -> dict[str, IPv6Address]:
    low = int(address)
    return {
        "mapped": IPv6Address((0xFFFF << 32) | low),
        "6to4": IPv6Address((0x2002 << 112) | (low << 80)),
        "nat64": IPv6Address(int(IPv6Address("64:ff9b::")) | low),
    }


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("127.0.0.1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("169.254.169.254", "link-local"),
        ("100.64.0.1", "inside a carrier's network"),
        ("0.0.0.0", "unspecified"),  # noqa: S104 - nothing is bound to it
        ("224.0.0.1", "multicast"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fd00:ec2::254", "private"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("fec0::1", "private"),
        ("ff0e::1", "multicast"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::a9fe:a9fe", "link-local"),
        ("2002:7f00:1::", "loopback"),
        ("::127.0.0.1", "reserved"),
        ("64:ff9b:1::7f00:1", "reserved"),
        ("2001::1", "reserved"),
    ],
)
def test_an_address_that_is_not_public_is_named_by_its_kind(address, reason):
    assert why_forbidden(ip_address(address)) == reason


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_is_allowed(address):
    assert why_forbidden(ip_address(address)) is None


@given(IPV4)
@example(IPv4Address("100.64.0.0"))
@example(IPv4Address("100.127.255.255"))
def test_ipv4_is_allowed_only_where_the_standard_library_calls_it_global_unicast(address):
    public = address.is_global and not (address.is_multicast or address.is_reserved)
    if why_forbidden(address) is None:
        assert public
    elif public:  # which protocol addresses are global differs by the library's version
        assert address in ip_network("192.0.0.0/24")


@given(IPV4)
def test_an_embedded_ipv4_address_is_judged_like_itself(address):
    for form, embedding in embeddings(address).items():
        assert why_forbidden(embedding) == why_forbidden(address), form


@given(st.ip_addresses(v=6))
def test_ipv6_is_allowed_only_where_the_standard_library_calls_it_global_unicast(address):
    if why_forbidden(address) is None and address.ipv4_mapped is None:
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_private


def test_a_refusal_names_host_address_and_reason():
    with pytest.raises(ForbiddenAddressError, match=r"host 'shop\.example' at 10\.0\.0\.5, which is private"):
        ensure_allowed("shop.example", "10.0.0.5", why_forbidden)


@pytest.mark.parametrize("address", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost", ""])
def test_what_is_no_address_in_its_usual_form_is_refused(address):
    with pytest.raises(ForbiddenAddressError, match="usual form"):
        ensure_allowed("shop.example", address, lambda _: None)
