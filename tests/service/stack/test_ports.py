"""Ports to listen on: free, and where nobody else comes to listen by chance."""

import socket
from collections.abc import Iterator

import pytest

from service.errors import StackError
from service.stack.ports import QUIET_PORTS, choose_port, free_port, is_free

HOST = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_free_port_is_none_that_systems_or_ray_give_away() -> None:
    ports = {free_port() for _ in range(50)}
    assert len(ports) > 1
    assert all(port in QUIET_PORTS and is_free(HOST, port) for port in ports)


def test_a_port_that_is_wanted_and_free_is_taken() -> None:
    port = free_port()
    assert choose_port(HOST, port, preferred=1) == port


def test_a_port_that_is_wanted_and_taken_is_an_error_that_names_it(taken: int) -> None:
    with pytest.raises(StackError, match=f"port {taken} on {HOST} is taken"):
        choose_port(HOST, taken, preferred=1)


def test_the_preferred_port_gives_way_to_another_when_it_is_taken(taken: int) -> None:
    port = free_port()
    assert choose_port(HOST, None, preferred=port) == port
    assert choose_port(HOST, None, preferred=taken) in QUIET_PORTS


def test_zero_asks_for_any_free_port() -> None:
    port = free_port()
    chosen = choose_port(HOST, 0, preferred=port)
    assert chosen != port
    assert chosen in QUIET_PORTS


def test_no_free_port_is_an_error_that_says_where(monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    monkeypatch.setattr("service.stack.ports.QUIET_PORTS", range(taken, taken + 1))
    with pytest.raises(StackError, match=f"no free port on {HOST}"):
        free_port()
