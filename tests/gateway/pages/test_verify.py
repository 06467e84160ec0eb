"""The page that checks certificates: forms without JavaScript, and every answer in words."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.calls import Receive, Scope, Send
from gateway.pages import verify
from tests.gateway.running import Running, Upstream, answer, running_gateway, unused_port

ASKED = "/v1/certificate-verifications"
NUMBER, CODE = "LLTP-G01-2026-0000001", "7K3M-Q9TX-0A2B-5HJN"
SILENT = dict.fromkeys(
    ("number", "form", "office", "issued_on", "ended_on", "superseded_by", "holder", "signature")
)
VALID = {
    "status": "valid",
    "checked_at": "2026-11-23T03:00:00Z",
    "number": NUMBER,
    "form": 1,
    "office": {"vi": "Công an thành phố Hà Nội", "en": "Police of Hà Nội"},
    "issued_on": "2026-11-26",
    "ended_on": None,
    "superseded_by": None,
    "holder": {
        "name": "Nguyễn Văn <b>An</b>",
        "born_on": "1985-03-12",
        "birth_year": 1985,
        "personal_id_ending": "017",
        "has_convictions": False,
    },
    "signature": {"signers": ["Lê Thị Lan"], "signed_at": "2026-11-26T03:00:00Z", "level": "B-T"},
}


class Judicial:
    """The service behind the page: says what a test has it say."""

    def __init__(self, upstream: Upstream) -> None:
        self.document: dict[str, Any] = VALID
        self.status = 200
        self.upstream = upstream
        upstream.behaviours[ASKED] = self

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.upstream.record(scope, receive)
        await answer(send, self.status, json.dumps(self.document).encode())

    @property
    def asked(self) -> list[tuple[list[str], bytes]]:
        return [(seen.all("content-type"), seen.body) for seen in self.upstream.seen]


@pytest.fixture
def judicial(upstream: Upstream) -> Judicial:
    return Judicial(upstream)


@pytest.fixture
async def page(upstream: Upstream, judicial: Judicial) -> AsyncIterator[Running]:
    async with running_gateway(upstream.url, judicial_record_url=upstream.url) as running:
        yield running


async def test_page_asks_nothing_by_itself(page: Running, judicial: Judicial) -> None:
    shown = await page.client.get("/verify")
    assert shown.status_code == 200
    assert "<script" not in shown.text
    assert 'enctype="multipart/form-data"' in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert judicial.asked == []


async def test_scanned_address_shows_the_answer(page: Running, judicial: Judicial) -> None:
    shown = await page.client.get("/verify", params={"number": NUMBER, "code": CODE})
    assert shown.status_code == 200
    assert judicial.asked == [
        (["application/json"], json.dumps({"number": NUMBER, "code": CODE}, separators=(",", ":")).encode())
    ]
    for part in ("Phiếu có thật và còn giá trị", "Không có án tích", "12/03/1985", "26/11/2026", "…017"):
        assert part in shown.text
    assert "Nguyễn Văn &lt;b&gt;An&lt;/b&gt;" in shown.text
    assert "10:00:00 23/11/2026" in shown.text
    assert f"number={NUMBER}&amp;code={CODE}&amp;lang=en" in shown.text


async def test_form_with_number_and_code(page: Running, judicial: Judicial) -> None:
    shown = await page.client.post("/verify?lang=en", data={"number": f" {NUMBER} ", "code": CODE})
    assert "Genuine and valid" in shown.text
    assert "Police of Hà Nội" in shown.text
    assert json.loads(judicial.asked[0][1]) == {"number": NUMBER, "code": CODE}


async def test_form_with_a_file(page: Running, judicial: Judicial) -> None:
    pdf = b"%PDF-1.7" + bytes(range(256)) * 6000
    shown = await page.client.post("/verify", files={"file": ("phiếu <x>.pdf", pdf, "application/pdf")})
    assert "Phiếu có thật" in shown.text
    assert judicial.asked == [(["application/pdf"], pdf)]
    assert "phiếu" not in shown.text.split("<main")[1].split("verdict")[0].replace("Phiếu", "")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("revoked", "Phiếu đã bị thu hồi"),
        ("superseded", "Phiếu đã được thay thế"),
        ("altered", "Tệp đã bị thay đổi"),
        ("unknown", "Không tìm thấy Phiếu"),
    ],
)
async def test_each_answer_has_its_words(page: Running, judicial: Judicial, status: str, words: str) -> None:
    judicial.document = {**VALID, **SILENT, "status": status}
    shown = await page.client.post("/verify", data={"number": NUMBER, "code": CODE})
    assert shown.status_code == 200
    assert words in shown.text
    assert "Nguyễn" not in shown.text


async def test_form_2_shows_that_nothing_is_shown(page: Running, judicial: Judicial) -> None:
    judicial.document = {**VALID, "form": 2, "holder": None}
    shown = await page.client.get("/verify", params={"number": NUMBER, "code": CODE, "lang": "en"})
    assert "form 2 is for its holder alone" in shown.text


@pytest.mark.parametrize("data", [{}, {"number": NUMBER}, {"number": NUMBER, "code": "  "}])
async def test_incomplete_form_is_said_and_kept(
    page: Running, judicial: Judicial, data: dict[str, str]
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    shown = await page.client.post("/verify", data=data, headers=headers)
    assert shown.status_code == 422
    assert "Thiếu thông tin" in shown.text
    assert judicial.asked == []


async def test_empty_file_field_is_incomplete(page: Running, judicial: Judicial) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--x--\r\n'
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert (await page.client.post("/verify", content=body, headers=headers)).status_code == 422


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content-type": "application/json"}, b"{}", 415),
        ({}, b"x", 415),
        ({"content-type": "multipart/form-data"}, b"x", 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"no parts at all", 400),
        (
            {"content-type": "multipart/form-data; boundary=x"},
            b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 9 + b"--x--\r\n",
            400,
        ),
    ],
    ids=["json", "nothing", "no boundary", "no parts", "too many"],
)
async def test_unreadable_form_is_refused(
    page: Running, judicial: Judicial, headers: dict[str, str], body: bytes, status: int
) -> None:
    shown = await page.client.post("/verify", content=body, headers=headers)
    assert (shown.status_code, judicial.asked) == (status, [])


async def test_oversize_file_is_refused_before_it_is_passed_on(page: Running, judicial: Judicial) -> None:
    shown = await page.client.post("/verify", files={"file": ("a.pdf", bytes(verify.MAX_BODY_BYTES + 1))})
    assert (shown.status_code, judicial.asked) == (413, [])


async def test_service_away_says_nothing_of_the_certificate(page: Running, judicial: Judicial) -> None:
    judicial.status = 503
    shown = await page.client.get("/verify", params={"number": NUMBER, "code": CODE})
    assert shown.status_code == 503
    assert "Chưa kiểm tra được" in shown.text
    assert "Không tìm thấy" not in shown.text


@pytest.mark.parametrize("url", [None, "nobody"])
async def test_page_is_there_without_its_service(upstream: Upstream, url: str | None) -> None:
    address = f"http://127.0.0.1:{unused_port()}" if url else None
    async with running_gateway(upstream.url, judicial_record_url=address) as running:
        assert (await running.client.get("/verify")).status_code == 200
        assert (await running.client.get(f"/verify?number={NUMBER}&code={CODE}")).status_code == 503


async def test_other_methods_are_named(page: Running) -> None:
    refused = await page.client.put("/verify", content=b"")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST, OPTIONS")
    assert (await page.client.post("/docs")).headers["allow"] == "GET, HEAD, OPTIONS"
    assert (await page.client.head("/verify")).content == b""
