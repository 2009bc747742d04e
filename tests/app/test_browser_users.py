"""Users in a real browser: a guest sees what is open, Alice adds a file for herself, Bob and the guest never see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.auth.users import Users
from tests.app.browser import browser, chromium, server

pytest.importorskip("playwright")
if chromium() is None:
    pytest.skip("Chromium is not installed: apt-get install chromium", allow_module_level=True)

from playwright.sync_api import Browser, Page, expect

WAIT_MS = 60_000
PASSWORD = "correct horse"
NOTE = "# Salaries\n\nThe harbour master of Torvig earned 81,400 euros in 2025.\n"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("data")
    users = Users(folder / "users.json")
    users.put("alice", PASSWORD, ["finance"])
    users.put("bob", PASSWORD, ["law"])
    with server(folder) as url:
        yield url


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as one:
        yield one


def opened(chrome: Browser, address: str, name: str = "") -> Page:
    """Open the page in a browser of its own, as ``name`` or a guest."""
    page = chrome.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(address)
    if name:
        page.locator("#current-user a").click()
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.locator("#current-user")).to_contain_text(name)
    else:
        expect(page.locator("#current-user")).to_contain_text("Log in")
    page.get_by_role("tab", name="Documents").click()
    return page


def test_what_alice_adds_for_herself_is_hers(chrome: Browser, address: str, tmp_path: Path) -> None:
    guest = opened(chrome, address)
    expect(guest.locator("#sources ul.sources > li")).to_have_count(4)
    expect(guest.locator("#files")).to_be_hidden()
    expect(guest.get_by_role("tab", name="Labels")).to_be_hidden()
    expect(guest.locator("#sources details.remove")).to_have_count(0)

    alice = opened(chrome, address, "alice")
    file = tmp_path / "salaries.md"
    file.write_text(NOTE)
    alice.locator("#files input[type=file]").set_input_files(str(file))
    expect(alice.locator("#progress")).to_contain_text("Added", timeout=WAIT_MS)
    expect(alice.locator("#sources ul.sources > li")).to_have_count(5)
    expect(alice.locator("#sources li", has_text="Salaries")).to_contain_text("read by user:alice")
    expect(alice.locator("#sources details.remove")).to_have_count(1)

    question = "What did the harbour master of Torvig earn?"
    for page, finds in ((alice, True), (opened(chrome, address, "bob"), False), (guest, False)):
        page.locator("#ask textarea").fill(question)
        page.locator("#ask textarea").press("Enter")
        expect(page.locator("#evidence .evidence-head")).to_be_visible(timeout=WAIT_MS)
        seen = page.locator("#chat").inner_text() + page.locator("#side").inner_text()
        assert ("81,400" in seen) is finds
        assert ("salaries" in seen.lower()) is finds

    # for a group
    alice.get_by_role("tab", name="Documents").click()
    alice.locator("#readers input").click()
    alice.get_by_role("option", name="finance").click()
    file.write_text(NOTE.replace("Salaries", "Budget"))
    alice.locator("#files input[type=file]").set_input_files(str(file))
    expect(alice.locator("#sources li", has_text="Budget")).to_contain_text("read by finance", timeout=WAIT_MS)

    alice.get_by_text("Log out").click()
    expect(alice.locator("#current-user")).to_contain_text("Log in")
    alice.get_by_role("tab", name="Documents").click()
    expect(alice.locator("#sources ul.sources > li")).to_have_count(4)
