"""Which ports of this machine to listen on."""

import random
import socket

from service.errors import StackError

QUIET_PORTS = range(20_000, 32_768)
"""Where nobody listens by chance: above the ports of Ray's workers (10002 to 19999), and below those that
systems give to whoever asks for any port, as Ray's other parts do (from 32768 on Linux, 49152 elsewhere).

A port is chosen before the process that will listen on it has started, and must stay free meanwhile.
"""
TRIES = 1000


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
    return free_port(host)


def free_port(host: str = "127.0.0.1") -> int:
    """Any port that nothing listens on, of `QUIET_PORTS`. Raises `StackError` when none is to be found."""
    for port in random.SystemRandom().choices(QUIET_PORTS, k=TRIES):
        if is_free(host, port):
            return port
    raise StackError(f"no free port on {host} between {QUIET_PORTS.start} and {QUIET_PORTS.stop - 1}")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
