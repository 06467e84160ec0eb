"""`make screenshots`: every page of the running stack, as a phone and a desktop show it, in both languages.

For a person to look at; the pictures go to `var/screenshots`. The browser is Debian's Chromium: one that a
test tool would download itself is never used.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, sync_playwright

from deploy.local.layout import Layout

PAGES: Final = {
    "start": "/",
    "docs": "/docs",
    "verify": "/verify",
    "problems": "/developers/problems",
    "sandbox": "/sandbox",
    "sign-in": "/oauth2/authorize?response_type=code&client_id=cli&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2F"
    "&scope=openid&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    "staff-sign-in": "/oauth2/authorize?response_type=code&client_id=cli"
    "&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2F&scope=openid%20judicial.work"
    "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
    "sign-in-refused": "/oauth2/authorize?client_id=nobody",
}
SIZES: Final = {"phone": (390, 844), "desktop": (1280, 800)}
LANGUAGES: Final = {"vi": "vi-VN", "en": "en-GB"}
ARGUMENTS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def main() -> int:
    """Photograph the running stack; the exit code."""
    layout = Layout.current()
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        print("Chromium is missing; on Debian: apt install chromium", file=sys.stderr)
        return 1
    if not layout.gateway_url.exists():
        print("nothing runs: make run", file=sys.stderr)
        return 1
    folder = layout.var / "screenshots"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            for size in SIZES:
                for language in LANGUAGES:
                    _photograph(browser, layout.gateway_url.read_text().strip(), folder, size, language)
        finally:
            browser.close()
    return 0


def _photograph(browser: Browser, base: str, folder: Path, size: str, language: str) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=LANGUAGES[language], device_scale_factor=1
    )
    for name, path in PAGES.items():
        page = context.new_page()
        page.goto(base + path, wait_until="networkidle")
        file = folder / f"{name}-{size}-{language}.png"
        page.screenshot(path=file, full_page=True)
        overflow = page.evaluate("document.documentElement.scrollWidth") - width
        print(f"{file}{f'  wider than the screen by {overflow} px' if overflow > 0 else ''}", flush=True)
        page.close()
    context.close()


if __name__ == "__main__":
    sys.exit(main())
