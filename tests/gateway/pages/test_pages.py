"""The pages: in two languages, with nothing from another host, under a strict policy, and kept by
browsers.
"""

import re
from html.parser import HTMLParser

import pytest

from gateway.pages.assets import ASSET_DIRECTORY
from gateway.pages.texts import PROMISES, STEPS, WORDS, cards
from tests.gateway.running import Running, Upstream, running_gateway

PAGES = ("/", "/docs", "/developers/problems", "/verify")
LOADING = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}


class _Page(HTMLParser):
    """Collects what a page loads, what it links to, and what a strict policy would block."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.images_without_alt: list[str] = []
        self.headings: list[str] = []
        self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in LOADING and given.get(LOADING[tag]):
            self.loads.append(str(given[LOADING[tag]]))
        if tag == "form":
            self.links.append(str(given.get("action")))
        if tag == "a":
            self.links.append(str(given.get("href")))
        if tag == "img" and "alt" not in given:
            self.images_without_alt.append(str(given.get("src")))
        if "id" in given:
            self.ids.append(str(given["id"]))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if (tag == "script" and "src" not in given) or tag == "style":
            self.inline.append(tag)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_page_loads_nothing_from_another_host(gateway: Running, path: str, language: str) -> None:
    result = await gateway.client.get(path, params={"lang": language})

    page = _Page(result.text)
    assert result.status_code == 200
    assert result.headers["content-type"] == "text/html; charset=utf-8"
    assert [address for address in page.loads if not address.startswith("/assets/")] == []
    assert [address for address in page.links if not address.startswith(("/", "#", "?"))] == []
    for address in page.loads:
        assert (await gateway.client.get(address)).status_code == 200


@pytest.mark.parametrize("path", PAGES)
async def test_page_needs_nothing_that_its_policy_blocks(gateway: Running, path: str) -> None:
    result = await gateway.client.get(path)

    page = _Page(result.text)
    policy = result.headers["content-security-policy"]
    assert page.inline == []
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy
    assert result.headers["x-content-type-options"] == "nosniff"
    assert result.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", PAGES)
async def test_page_is_built_for_reading_aloud(gateway: Running, path: str) -> None:
    result = await gateway.client.get(path)

    page = _Page(result.text)
    assert re.search(r'<html lang="vi">', result.text)
    assert 'href="#content"' in result.text
    assert page.ids.count("content") == 1
    assert len(page.ids) == len(set(page.ids))
    assert page.images_without_alt == []
    if path != "/docs":  # the viewer makes its own heading
        assert page.headings.count("h1") == 1


async def test_start_page_speaks_to_each_audience(gateway: Running) -> None:
    page = await gateway.client.get("/")

    for audience in ("Người dân", "Bệnh viện", "địa phương", "Nhà phát triển"):
        assert audience in page.text
    for link in ('href="/docs', 'href="/developers/problems', 'href="/sandbox"', 'href="/openapi.json"'):
        assert link in page.text


async def test_links_of_the_start_page_lead_somewhere(gateway: Running, upstream: Upstream) -> None:
    page = _Page((await gateway.client.get("/")).text)

    statuses = {
        link: (await gateway.client.get(link.split("#")[0])).status_code
        for link in page.links
        if link.startswith("/")
    }

    assert [link for link, status in statuses.items() if status != 200] == []


async def test_chosen_language_stays_on_the_way(gateway: Running) -> None:
    page = await gateway.client.get("/?lang=en")

    assert "For you" in page.text
    assert 'href="/docs?lang=en"' in page.text
    assert page.headers["content-language"] == "en"


async def test_production_shows_no_sandbox(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, profile="production") as production:
        page = await production.client.get("/")

    assert "/sandbox" not in page.text


async def test_https_address_asks_for_https_for_ever(upstream: Upstream) -> None:
    async with running_gateway(upstream.url, public_url="https://api.example.vn") as secure:
        page = await secure.client.get("/")
        problem = await secure.client.get("/nothing")

    assert "max-age=" in page.headers["strict-transport-security"]
    assert "max-age=" in problem.headers["strict-transport-security"]


async def test_page_and_assets_are_kept_by_tag(gateway: Running) -> None:
    page = await gateway.client.get("/")
    again = await gateway.client.get("/", headers={"if-none-match": page.headers["etag"]})
    style = re.search(r'href="(/assets/site\.css\?v=\w+)"', page.text)
    assert style is not None
    asset = await gateway.client.get(style[1])
    asset_again = await gateway.client.get(style[1], headers={"if-none-match": asset.headers["etag"]})
    other_version = await gateway.client.get("/assets/site.css?v=old")

    assert again.status_code == 304
    assert "immutable" in asset.headers["cache-control"]
    assert "immutable" not in other_version.headers["cache-control"]
    assert (asset_again.status_code, asset_again.content) == (304, b"")


async def test_assets_are_compressed_where_wanted(gateway: Running) -> None:
    plain = await gateway.client.get("/assets/site.css", headers={"accept-encoding": "identity"})
    packed = await gateway.client.get("/assets/site.css", headers={"accept-encoding": "gzip"})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert packed.headers["etag"] != plain.headers["etag"]


@pytest.mark.parametrize("name", ["../render.py", "nothing.css", "", "fonts", "site.css/", ".."])
async def test_asset_that_is_not_there_is_a_404(gateway: Running, name: str) -> None:
    received = await gateway.raw(
        b"GET /assets/%b HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n" % name.encode()
    )

    assert received.split()[1] in (b"404", b"400")
    assert b"import" not in received


def test_styles_and_scripts_name_no_other_host() -> None:
    for name in ("site.css", "docs.css", "docs.js"):
        text = (ASSET_DIRECTORY / name).read_text("utf-8")
        assert re.findall(r"https?://|//cdn|@import", text) == [], name


def test_fonts_and_viewer_carry_their_licences() -> None:
    licences = (ASSET_DIRECTORY / "LICENSES.txt").read_text("utf-8")

    assert "SIL Open Font License" in licences
    assert "Open Font License" in (ASSET_DIRECTORY / "fonts" / "LICENSE.txt").read_text("utf-8")
    assert "Apache License" in (ASSET_DIRECTORY / "swagger-ui" / "LICENSE.txt").read_text("utf-8")


def test_every_word_is_there_in_both_languages() -> None:
    def texts(value: object) -> list[dict[str, str]]:
        if isinstance(value, dict):
            if value.keys() == {"vi", "en"}:
                return [value]
            return [text for inner in value.values() for text in texts(inner)]
        return [text for inner in value for text in texts(inner)] if isinstance(value, list) else []

    found = texts([WORDS, STEPS, PROMISES, cards(sandbox=True)])

    assert len(found) > 60
    assert [text for text in found if not text["vi"] or not text["en"]] == []
