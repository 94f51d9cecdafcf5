"""Which addresses may be connected to. Knows no names: what is judged is what is connected to."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

#: What IPv6 has given out for the internet. Outside it lie local, mapped, translated (NAT64) and
#: compatible addresses; `ipaddress` counts several of them as global.
_IPV6_INTERNET = ip_network("2000::/3")
#: Inside what is "global" and yet no host on the internet, or a way to write another address.
_NOT_INTERNET = (
    ip_network("192.0.0.0/24"),  # protocol assignments
    ip_network("192.88.99.0/24"),  # 6to4 relays
    ip_network("2001::/23"),  # protocol assignments, Teredo among them
    ip_network("2001:db8::/32"),  # documentation
    ip_network("2002::/16"),  # 6to4: carries an IPv4 address
    ip_network("3fff::/20"),  # documentation
)


def address_is_public(text: str) -> bool:
    """Whether `text`, a literal IP address, is a host on the public internet.

    Raises `ValueError` for anything but a literal address.
    """
    address = _plain(ip_address(text))
    if address.version == 6 and address not in _IPV6_INTERNET:
        return False
    if any(address in network for network in _NOT_INTERNET if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def address_is_loopback(text: str) -> bool:
    """Whether `text`, a literal IP address, is this machine itself."""
    return _plain(ip_address(text)).is_loopback


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """`::ffff:10.0.0.1` is connected to as 10.0.0.1, so it is judged as that."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
