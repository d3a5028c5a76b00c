"""The map fills in while a sweep runs, and can be walked and read without a mouse and without colours."""

import httpx
from playwright.sync_api import Page, Route, expect

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.browser.chromium import screenshot
from tests.browser.reading import colours_of, outcomes, read_row, readout, wait_for_map
from tests.service import samples


def test_the_map_fills_in_while_the_sweep_runs(page: Page, server: str, ledger: Ledger, sweep: Sweep) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    expect(page.locator("#status")).to_have_text("queued")
    assert colours_of(page) == set()
    claimed = samples.claim(ledger)
    samples.train(ledger, claimed, range(0, 48, 2))
    expect(page.locator("#ended")).to_have_text("24")
    expect(page.locator("#status")).to_have_text("running")
    assert "1 to come" in read_row(page, 0)[0]
    samples.train(ledger, claimed, range(1, 48, 2))
    expect(page.locator("#ended")).to_have_text("48")
    assert outcomes(read_row(page, 0)) == ["stalled", *["stable"] * 3, "diverged", "exploded"]
    assert outcomes(read_row(page, 1)) == [*["stalled"] * 2, *["stable"] * 3, "diverged"]
    page.wait_for_timeout(400)  # until the last square has faded in
    assert colours_of(page) == {"stalled", "stable", "diverged", "exploded"}
    samples.finish(ledger, claimed)
    expect(page.locator("#status")).to_have_text("completed")
    expect(page.get_by_role("heading", name="Recommendation")).to_be_visible()
    expect(page.locator("#report")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    screenshot(page, "map")


def test_what_happens_between_the_page_and_its_map_is_not_lost(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    def train_first(route: Route) -> None:
        samples.train(ledger, samples.claim(ledger), range(20))
        route.continue_()

    page.route("**/map", train_first, times=1)
    page.goto(f"{server}/sweeps/{sweep.id}")
    expect(page.locator("#ended")).to_have_text("20")
    expect(page.locator("#status")).to_have_text("running")
    expect(page.locator("#time")).to_contain_text("left")


def test_the_edge_of_a_row_sharpens_as_trials_end(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    claimed = samples.claim(ledger)
    by_lr = {(trial.axes["optimizer.lr"], trial.config.clip.kind, trial.config.init.kind): trial.number
             for trial in samples.planned(sweep)}  # fmt: skip
    samples.train(ledger, claimed, [by_lr[lr, "none", "kaiming_normal"] for lr in (0.001, 0.01, 100.0)])
    page.locator("#map canvas").first.focus()
    expect(page.locator("#readout")).to_contain_text("stable up to lr 0.01, exploded at 100")
    samples.train(ledger, claimed)
    expect(page.locator("#readout")).to_contain_text("stable up to lr 1, diverged at 10")


def test_what_the_script_shows_live_is_what_it_shows_after_a_reload(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    samples.train(ledger, samples.claim(ledger))
    expect(page.locator("#ended")).to_have_text("48")
    live = [outcomes(read_row(page, row, panel)) for panel in (0, 1) for row in (0, 1)]
    counts_live = page.locator(".legend").inner_text()
    page.reload()
    wait_for_map(page)
    assert [outcomes(read_row(page, row, panel)) for panel in (0, 1) for row in (0, 1)] == live
    assert page.locator(".legend").inner_text() == counts_live


def test_arrow_keys_walk_from_panel_to_panel_and_tab_leaves_the_map(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    canvases = page.locator("#map canvas")
    assert [canvas.get_attribute("tabindex") for canvas in canvases.all()] == ["0", "-1"]
    canvases.first.focus()
    assert readout(page).startswith("lr 0.001, clip none, init=kaiming_normal")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert readout(page).startswith("lr 0.01, clip global_norm:1, init=kaiming_normal")
    page.keyboard.press("ArrowDown")
    assert readout(page).startswith("lr 0.01, clip none, init=normal(std=1)")
    page.keyboard.press("End")
    assert readout(page).startswith("lr 100, clip none, init=normal(std=1)")
    page.keyboard.press("PageUp")
    assert readout(page).startswith("lr 100, clip none, init=kaiming_normal")
    expect(canvases.first).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    assert page.evaluate("document.activeElement.matches(':focus-visible')")


def test_every_control_before_the_map_is_reached_with_tab_and_shows_it(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        element = page.evaluate_handle("document.activeElement")
        outline = element.evaluate("element => getComputedStyle(element).outlineStyle")
        assert outline != "none", element.evaluate("element => element.outerHTML")
        seen.append(element.evaluate("element => element.innerText.trim() || element.tagName"))
        if seen[-1] == "CANVAS":
            break
    names = ["Skip to content", "gradsweep", "Sweeps", "New sweep", "Compare", "Pause", "Cancel", "Clone"]
    assert [name for name in seen if name in names][: len(names)] == names
    assert seen[-1] == "CANVAS"


def test_the_legend_shows_one_outcome_alone(page: Page, server: str, ledger: Ledger, sweep: Sweep) -> None:
    samples.train(ledger, samples.claim(ledger))
    page.goto(f"{server}/sweeps/{sweep.id}")
    wait_for_map(page)
    page.wait_for_timeout(400)
    button = page.get_by_role("button", name="exploded")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(100)
    assert colours_of(page) == {"exploded"}
    button.click()
    page.wait_for_timeout(100)
    assert len(colours_of(page)) == 4


def test_a_sweep_is_cancelled_by_its_button_after_asking(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    cancel = page.get_by_role("button", name="Cancel")
    page.once("dialog", lambda dialog: dialog.dismiss())
    cancel.click()
    assert not ledger.get_sweep(sweep.id).cancel_requested
    page.once("dialog", lambda dialog: dialog.accept())
    cancel.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("cancelled")
    assert ledger.get_sweep(sweep.id).status == "cancelled"


def test_a_sweep_is_paused_and_resumed_by_its_button(
    page: Page, server: str, ledger: Ledger, sweep: Sweep
) -> None:
    page.goto(f"{server}/sweeps/{sweep.id}")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#status")).to_have_text("paused")
    assert ledger.get_sweep(sweep.id).status == "paused"
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#status")).to_have_text("queued")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_a_refusal_is_told_on_the_page(
    page: Page, server: str, ledger: Ledger, sweep: Sweep, forgiven: list[str]
) -> None:
    forgiven += ["status of 409", "net::ERR_FAILED"]
    page.route("**/events?*", lambda route: route.abort())  # so that the page does not learn of the end
    page.goto(f"{server}/sweeps/{sweep.id}")
    expect(page.locator("#connection")).to_contain_text("connection lost")
    httpx.post(f"{server}/v1/sweeps/{sweep.id}/cancel")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("alert")).to_contain_text("is cancelled and cannot be paused")


def test_the_list_keeps_itself_up_to_date(page: Page, server: str, ledger: Ledger, sweep: Sweep) -> None:
    page.goto(server)
    expect(page.locator(".status")).to_have_text("queued")
    samples.train(ledger, samples.claim(ledger), range(10))
    expect(page.locator("#sweeps")).to_contain_text("10 of 48 trials")
    page.get_by_role("link", name="tiny").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("tiny")


def test_a_name_that_is_a_script_stays_a_name(page: Page, server: str, ledger: Ledger) -> None:
    name = "<script>document.title = 'taken'</script><img src=x onerror=document.title='taken'>"
    spec = {"name": name, "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp"}}, "seeds": 2,
            "base": {"optimizer": {"kind": "sgd", "lr": 0.1}}, "tags": {name[:60]: name}}  # fmt: skip
    sweep_id = httpx.post(f"{server}/v1/sweeps", json=spec).json()["id"]
    samples.train(ledger, samples.claim(ledger))
    for path in ("/", f"/sweeps/{sweep_id}", f"/sweeps/{sweep_id}/trials/0", f"/compare?a={sweep_id}"):
        page.goto(server + path)
        expect(page.locator("main")).to_contain_text(name)
        assert page.title() != "taken"
        assert page.locator("main img").count() == 0
