"""A `requests` session that connects to public addresses only and has a deadline.

`requests-hardened` resolves a name once, checks the address and connects to exactly that address,
so a second answer of the name server changes nothing; redirects are checked too. Its table allows
some IPv6 ranges (site-local, IPv4-compatible), so `address_is_public` checks again.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import requests
from requests_hardened import Config, HTTPSession  # type: ignore[import-untyped]
from requests_hardened.ip_filter import InvalidIPAddress  # type: ignore[import-untyped]
from requests_hardened.ip_filter_adapter import (  # type: ignore[import-untyped]
    IPFilterAdapter,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.poolmanager import PoolManager

#: Raised by the session for an address that is not on the public internet.
AddressNotPublic = InvalidIPAddress
MOST_REDIRECTS = 5
#: The part of IPv6 that is the internet. Outside it are local, mapped, translated (NAT64) and
#: compatible addresses; `ipaddress` calls several of them global.
_IPV6_INTERNET = ip_network("2000::/3")
#: Ranges that `ipaddress` calls global, but that hold no hosts or hide another address.
_NOT_INTERNET = (
    ip_network("192.0.0.0/24"),  # protocol assignments
    ip_network("192.88.99.0/24"),  # 6to4 relays
    ip_network("2001::/23"),  # protocol assignments, Teredo among them
    ip_network("2001:db8::/32"),  # documentation
    ip_network("2002::/16"),  # 6to4: carries an IPv4 address
    ip_network("3fff::/20"),  # documentation
)


class Deadline:
    """Cuts every connection of one session after some seconds.

    A socket's own time-out counts between two bytes: a server that sends one byte at a time could
    hold a thread for hours.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            for copy in self._sockets:
                copy.close()
            self._sockets.clear()

    def watch(self, connected: socket.socket) -> None:
        """Cut this connection too. Keeps a copy, because TLS takes over the descriptor."""
        with self._lock:
            self._sockets.append(connected.dup())
        if self.passed:
            self._cut()

    def _cut(self) -> None:
        self.passed = True
        with self._lock:
            for copy in self._sockets:
                with contextlib.suppress(OSError):  # it has ended already
                    copy.shutdown(socket.SHUT_RDWR)


def guarded_session(*, deadline: Deadline, allow_loopback: bool, redirects: bool) -> HTTPSession:
    """A session for one request. It ignores proxies and passwords of the environment."""
    config = Config(
        ip_filter_enable=False,  # the adapters below are the same ones, with our table behind them
        ip_filter_allow_loopback_ips=allow_loopback,
        never_redirect=not redirects,
        default_timeout=(deadline.seconds, deadline.seconds),
        user_agent_override="MODA/1.0",
    )
    session = HTTPSession(config)
    session.trust_env = False
    session.max_redirects = MOST_REDIRECTS
    session.adapters.clear()  # no other scheme: no ftp, no file
    for scheme in ("http", "https"):
        session.mount(f"{scheme}://", _GuardedAdapter(scheme, deadline, allow_loopback))
    return session


class _GuardedAdapter(IPFilterAdapter):  # type: ignore[misc]  # published without types
    def __init__(self, scheme: str, deadline: Deadline, allow_loopback: bool) -> None:  # noqa: FBT001
        self._deadline = deadline
        super().__init__(is_https_proto=scheme == "https", allow_loopback=allow_loopback)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = _watched_pools(self._deadline.watch)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> tuple[Any, Any]:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        address = host["host"].strip("[]")
        is_loopback = _plain(ip_address(address)).is_loopback
        if not (address_is_public(address) or (self._allow_loopback and is_loopback)):
            raise AddressNotPublic(address)
        return host, pool


def _watched_pools(watch: Callable[[socket.socket], None]) -> dict[str, type[HTTPConnectionPool]]:
    """urllib3's pools, whose connections report their sockets before anything is sent."""

    class Watched:
        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()  # type: ignore[misc]  # of urllib3's class
            watch(connected)
            return connected

    class Plain(Watched, HTTPConnection):
        pass

    class Secure(Watched, HTTPSConnection):
        pass

    return {
        "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain}),
        "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": Secure}),
    }


def address_is_public(text: str) -> bool:
    """Whether a literal IP address is a host of the internet. Raises `ValueError` for others."""
    address = _plain(ip_address(text))
    if address.version == 6 and address not in _IPV6_INTERNET:
        return False
    if any(address in network for network in _NOT_INTERNET if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """`::ffff:10.0.0.1` connects to 10.0.0.1, so it is checked as that."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
