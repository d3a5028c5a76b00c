"""The client: what it raises, and that its events survive a server's restart."""

from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI

from service.client import Client, RequestRefusedError
from service.errors import ServerUnreachableError
from sweeps.ledger import Ledger
from tests.service import samples
from tests.service.live import live_server
from tests.service.samples import TINY


def test_a_refused_request_carries_the_problem(server: str) -> None:
    with Client(server) as client, pytest.raises(RequestRefusedError, match="absent") as refused:
        client.sweep("absent")
    assert refused.value.status == 404
    assert refused.value.problem["type"] == "urn:gradsweep:not-found"


def test_no_server_is_an_error_that_says_what_to_do() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(ServerUnreachableError, match="gradsweep up"):
        client.sweeps()


def test_the_events_of_a_sweep_that_is_not_there_are_refused(server: str) -> None:
    with Client(server) as client, pytest.raises(RequestRefusedError):
        next(client.events("absent"))


def test_every_method_reads_what_the_api_gives(server: str, ledger: Ledger) -> None:
    with Client(server) as client:
        assert client.dry_run(TINY)["num_trials"] == 48
        sweep_id = client.submit(TINY)["id"]
        samples.train(ledger, samples.claim(ledger))
        assert client.sweeps(name="tiny")["items"][0]["id"] == sweep_id
        assert client.trial(sweep_id, 3)["number"] == 3
        assert client.curves(sweep_id, 3)["steps"] == [5, 10, 20]
        assert client.trials(sweep_id, outcome="exploded")["items"]
        assert client.analysis(sweep_id)["totals"]["num_ended"] == 48
        assert client.presets()
        assert client.catalog()["families"]


def test_events_go_on_after_the_server_was_restarted_and_none_comes_twice(app: FastAPI) -> None:
    ledger: Ledger = app.state.ledger
    with live_server(app) as url:
        client = Client(url)
        sweep_id = client.submit(TINY)["id"]
        claimed = samples.claim(ledger)
        samples.train(ledger, claimed, range(10))
        events = client.events(sweep_id)
        seen = [next(events) for _ in range(3)]
    with live_server(app, port=urlsplit(url).port or 0):
        samples.train(ledger, claimed, range(10, 48))
        samples.finish(ledger, claimed)
        seen += list(events)
    assert [event.id for event in seen] == [event.id for event in ledger.events(sweep_id)]
    client.__exit__(None, None, None)
