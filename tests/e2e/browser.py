"""Chromium, to which no host but this machine is there, and what it complains of."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request, Route, async_playwright, expect

from tests.conftest import missing

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    # Whatever the routes below do not see, such as websockets, finds nobody either.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
_PATIENCE_MILLISECONDS = 30_000
expect.set_options(timeout=_PATIENCE_MILLISECONDS)


@asynccontextmanager
async def browsing() -> AsyncIterator[Page]:
    """A page of a browser that has nothing stored."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        missing("Chromium is not installed (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        page = await chromium.new_page(viewport={"width": 1_600, "height": 900}, locale="en")
        page.set_default_timeout(_PATIENCE_MILLISECONDS)
        await page.route(lambda url: not _is_here(url), Route.abort)
        yield page
        await chromium.close()


def complaints_of(page: Page) -> list[str]:
    """What the page says to be wrong from now on, violations of its policy too, and what it asks of other hosts."""
    complaints: list[str] = []

    def of_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def of_request(request: Request) -> None:
        if not _is_here(request.url):
            complaints.append(f"asks {request.url}")

    page.on("console", of_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", of_request)
    return complaints


def _is_here(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.hostname == "127.0.0.1"
