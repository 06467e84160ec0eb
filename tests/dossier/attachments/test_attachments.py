"""Files: typed by content, named harmlessly, never unpacked, given back byte for byte."""

import base64
import hashlib
import io
import json
import zipfile
from pathlib import Path

import pytest

from dossier.attachments.names import given_name, safe_name
from dossier.attachments.sniffing import sniff
from tests.dossier.conftest import Desk
from tests.dossier.files import jpeg, pdf, png
from tests.dossier.filing import ME, draft, filed, put_file

DATA = Path(__file__).parent / "data"
NAUGHTY: list[str] = json.loads((DATA / "naughty-names.json").read_text("utf-8"))


def zip_bomb() -> bytes:
    """Return an archive of a few kilobytes that would unpack to 64 MiB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\x00" * (64 << 20))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(pdf(), "application/pdf"), (png(), "image/png"), (jpeg(), "image/jpeg")],
    ids=["pdf", "png", "jpeg"],
)
async def test_file_comes_back_byte_for_byte(desk: Desk, content: bytes, media_type: str) -> None:
    an = desk.citizen()
    made = await draft(desk, an)

    put = await put_file(desk, an, made["id"], content=content, content_type=media_type)
    got = await desk.client.get(f"{ME}/{made['id']}/attachments/paper-1", headers=an)

    assert put.status_code == 201, put.text
    assert put.json()["sha256"] == hashlib.sha256(content).hexdigest()
    assert (got.content, got.headers["content-type"]) == (content, media_type)
    assert got.headers["content-disposition"].startswith("attachment;")
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (b"MZ\x90\x00 this is a program", "application/pdf"),
        (b"<html><script>alert(1)</script></html>", "image/png"),
        (b"GIF89a;" + pdf(), "application/pdf"),
        (pdf()[:-7], "application/pdf"),
        (png()[:-9], "image/png"),
        (png(), "application/pdf"),
        (pdf(), "text/html"),
        (zip_bomb(), "application/zip"),
        (zip_bomb(), "application/pdf"),
    ],
    ids=[
        "exe",
        "html",
        "two natures",
        "cut pdf",
        "cut png",
        "png as pdf",
        "pdf as html",
        "zip",
        "zip as pdf",
    ],
)
async def test_wrong_type_is_refused_and_nothing_kept(desk: Desk, content: bytes, claimed: str) -> None:
    an = desk.citizen()
    made = await draft(desk, an)

    answer = await put_file(desk, an, made["id"], content=content, content_type=claimed)

    assert (answer.status_code, answer.json()["code"]) == (415, "file_type_refused")
    assert await desk.count("attachments") == 0


async def test_empty_file_is_refused(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an)
    path = f"{ME}/{made['id']}/attachments/paper-1"

    answer = await desk.send("PUT", path, an, content=b"", headers={"content-type": "application/pdf"})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "empty_file")


async def test_too_large_file_is_refused(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an)
    content = pdf() + b" " * (50 << 20)

    answer = await put_file(desk, an, made["id"], content=content)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_digest_of_another_file_is_refused(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an)
    right = base64.b64encode(hashlib.sha256(pdf()).digest()).decode()

    wrong = await put_file(desk, an, made["id"], content=pdf("x"), content_digest=f"sha-256=:{right}:")
    good = await put_file(desk, an, made["id"], content=pdf(), content_digest=f"sha-256=:{right}:")

    assert (wrong.status_code, wrong.json()["code"]) == (422, "digest_mismatch")
    assert good.status_code == 201


async def test_later_file_replaces_and_same_file_changes_nothing(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an)
    first = await put_file(desk, an, made["id"], content=pdf("a"))
    again = await put_file(desk, an, made["id"], content=pdf("a"))
    other = await put_file(desk, an, made["id"], content=pdf("b"))

    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])
    assert other.json()["id"] != first.json()["id"]
    assert await desk.count("attachments") == 1
    assert (await desk.client.get(f"{ME}/{made['id']}", headers=an)).json()["version"] == 3


@pytest.mark.parametrize("slot", ["paper-99", "..%2Fpaper-1", "PAPER-1", "a" * 41])
async def test_slot_that_the_procedure_has_not_is_refused(desk: Desk, slot: str) -> None:
    an = desk.citizen()
    made = await draft(desk, an)

    assert (await put_file(desk, an, made["id"], slot)).status_code in (404, 422)


async def test_filed_dossier_takes_no_file(desk: Desk) -> None:
    out = await filed(desk, desk.citizen())

    answer = await put_file(desk, desk.citizen(), out["id"], "paper-3")

    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")


@pytest.mark.parametrize("name", NAUGHTY, ids=range(len(NAUGHTY)))
def test_naughty_name_becomes_harmless(name: str) -> None:
    made = safe_name(name, slot="paper-1", media_type="application/pdf")

    assert made.endswith(".pdf")
    assert 5 <= len(made) <= 120
    assert not set(made) & set('/\\\x00<>:"|?*%')
    assert all(one.isprintable() for one in made)
    assert not made.startswith((".", " "))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Phiếu công bố.pdf", "Phiếu công bố.pdf"),
        ("Phiếu công bố.PDF", "Phiếu công bố.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\an\\don.docx", "don.docx.pdf"),
        ("a\u202egpj.exe", "a gpj.exe.pdf"),
        ("x\x00.pdf", "x.pdf"),
        ("CON", "_CON.pdf"),
        ("lpt1.pdf", "_lpt1.pdf"),
        ("....", "paper-1.pdf"),
        (None, "paper-1.pdf"),
        ("\u200b\u200b", "paper-1.pdf"),
        ("<script>.pdf", "_script_.pdf"),
    ],
)
def test_name_keeps_what_is_harmless(given: str | None, kept: str) -> None:
    assert safe_name(given, slot="paper-1", media_type="application/pdf") == kept


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="don.pdf"', "don.pdf"),
        ("attachment; filename*=UTF-8''%C4%91%C6%A1n.pdf", "đơn.pdf"),
        ("attachment", None),
        ("", None),
        (None, None),
        ("attachment; filename*=no-such-charset''%FF.pdf", None),
    ],
)
def test_name_is_read_from_its_header(header: str | None, name: str | None) -> None:
    found = given_name(header)

    assert found == name or (
        name is None
        and found is not None
        and safe_name(found, slot="s", media_type="application/pdf").endswith(".pdf")
    )


async def test_hostile_name_is_kept_harmless(desk: Desk) -> None:
    an = desk.citizen()
    made = await draft(desk, an)
    header = "attachment; filename*=UTF-8''..%2F..%2F%E2%80%AEgpj.%00exe"

    answer = await put_file(desk, an, made["id"], content_disposition=header)

    assert answer.json()["name"] == "gpj. exe.pdf"


@pytest.mark.parametrize("content", [b"", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04"])
def test_fragments_are_no_files(content: bytes) -> None:
    assert sniff(content) is None
