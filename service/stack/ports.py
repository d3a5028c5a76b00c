"""Which ports of this machine to listen on."""

import socket

from service.errors import StackError


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def choose_port(host: str, wanted: int | None, preferred: int) -> int:
    """`wanted` if given, else `preferred` if it is free, else any free port.

    Raises `StackError` when `wanted` is taken; 0 asks for any free port.
    """
    if wanted:
        if not is_free(host, wanted):
            raise StackError(
                f"port {wanted} on {host} is taken; choose another, or leave it out to get a free one"
            )
        return wanted
    if wanted is None and is_free(host, preferred):
        return preferred
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
