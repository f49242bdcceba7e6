"""Every kind of page in a real Chromium: its policy forbids all but its own script and style sheet, and nothing of the
page needs more."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import colprofile
from colprofile.results.base import Result
from tests.support import database_results, planner_reports, profiles
from tests.support.browser import Open, see_everything
from tests.support.pages import Page

NAMES = ("profile", "audit", "drift", "latent", "planner", "database")
HOSTILE = "<style>body{display:none}</style><img src=x onerror=\"document.title='owned'\">"


def _results() -> dict[str, Result]:
    x = np.arange(400) % 40
    frame = pd.DataFrame({"x": x, "code": x // 4, "text": [f"{HOSTILE}{value}" for value in x // 8], HOSTILE: x % 3})
    return {
        "profile": profiles.flights_like(600),
        "audit": colprofile.audit(frame),
        "drift": colprofile.drift(frame, frame.assign(x=x + 3).head(200)),
        "latent": colprofile.latent_classes(frame, max_classes=2, bins=4),
        "planner": planner_reports.wrong(),
        "database": database_results.profile(),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("policy")
    for name, result in _results().items():
        result.to_html(folder / f"{name}.html")
    return folder


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", NAMES)
def test_the_policy_names_what_the_page_has_and_nothing_else(folder: Path, name: str) -> None:
    page = (folder / f"{name}.html").read_text("utf-8")
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    directives = dict(part.strip().split(" ", 1) for part in policy.replace("&#39;", "'").split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert directives.pop("style-src") == _hash(style)
    scripts = directives.pop("script-src").split()
    assert scripts[0] == _hash(script)
    assert len(scripts) == (2 if 'id="vega-library"' in page else 1)
    assert directives == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    # The policy stands before anything that it could forbid.
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<body")


@pytest.mark.parametrize("name", NAMES)
def test_no_element_has_a_style_or_a_handler_of_its_own(folder: Path, name: str) -> None:
    page = (folder / f"{name}.html").read_text("utf-8")
    attributes = {key for _, attrs in Page(page).tags for key in attrs}
    assert not {key for key in attributes if key == "style" or key.startswith("on")}
    assert "javascript:" not in page.lower()


@pytest.mark.parametrize("name", NAMES)
def test_everything_a_reader_can_do_is_within_the_policy(open_file: Open, folder: Path, name: str) -> None:
    opened = open_file(folder / f"{name}.html", accept_downloads=True)
    page = opened.page
    see_everything(page)
    for heading in page.locator("thead th button:visible").all()[:3]:
        heading.click()
    for box in page.locator("input[data-filter]:visible").all():
        box.fill("x")
        box.fill("")
    for button in page.locator("[data-expand]:visible").all():
        button.click()
    page.locator("a.term:visible").first.dispatch_event("pointerover")
    assert page.locator(".meaning").is_visible()
    for _ in range(3):
        page.locator("[data-theme-toggle]").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    for button in page.locator("[data-download]:visible").all()[:2]:
        with page.expect_download() as download:
            button.click()
        assert download.value.failure() is None
    page.emulate_media(media="print", color_scheme="dark")
    assert opened.complaints == []
    assert {url.partition(":")[0] for url in opened.requests} <= {"file", "data", "blob"}


@pytest.mark.parametrize("name", NAMES)
def test_what_is_injected_neither_runs_nor_shows(open_file: Open, folder: Path, name: str) -> None:
    """As if a value were not escaped: scripts, handlers, styles, frames, forms and addresses do nothing."""
    opened = open_file(folder / f"{name}.html")
    page = opened.page
    before = page.evaluate("document.title")
    page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "document.title = 'owned'";
            document.body.append(script);
            const far = document.createElement("script");
            far.src = "http://127.0.0.1:9/x.js";
            document.body.append(far);
            document.body.insertAdjacentHTML("beforeend", `
                <style>body { display: none }</style>
                <p id="styled" style="position: fixed; inset: 0">over everything</p>
                <img src="http://127.0.0.1:9/x.png" onerror="document.title = 'owned'">
                <svg onload="document.title = 'owned'"></svg>
                <iframe srcdoc="<script>parent.document.title = 'owned'</` + `script>"></iframe>
                <object data="http://127.0.0.1:9/"></object><embed src="http://127.0.0.1:9/">
                <link rel="stylesheet" href="http://127.0.0.1:9/x.css">
                <base href="http://127.0.0.1:9/"><form id="f" action="http://127.0.0.1:9/"><input name="q"></form>
                <a id="run" href="javascript:document.title = 'owned'">click</a>`);
            document.getElementById("f").submit();
            document.getElementById("run").click();
            fetch("http://127.0.0.1:9/").catch(() => {});
        }"""
    )
    page.wait_for_timeout(150)
    assert page.evaluate("document.title") == before
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).position") == "static"
    assert page.evaluate("getComputedStyle(document.body).display") != "none"
    assert page.evaluate("document.baseURI").startswith("file:")
    assert page.evaluate("location.href").startswith("file:")
    forbidden = " ".join(opened.complaints)
    for directive in ("script-src", "style-src", "connect-src", "img-src", "base-uri", "form-action"):
        assert directive in forbidden, directive
