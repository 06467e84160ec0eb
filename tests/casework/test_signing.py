"""Signatures under papers: put in threads, time-stamped when possible, and broken by any change."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509

from casework import signatures
from casework.seals import FileSeals, read_roots
from casework.signing import DocumentSigner, Signature, SignedPdf
from casework.slip_forms import Refusal
from casework.slips import SlipPrinter
from chassis import telemetry
from chassis.keys import KeyUnavailable
from deploy.local import pki
from tests.support.papers import pdfsig, time_stamping

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
BOTH = (
    Signature("lltp-ha-noi.leader", "NguoiKy", "Cấp phiếu", certify=True),
    Signature("lltp-ha-noi.seal", "CoQuan", "Đóng dấu cơ quan"),
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    pki.write(folder)
    return folder


@pytest.fixture(scope="module")
def roots(keys: Path) -> tuple[x509.Certificate, ...]:
    return read_roots(keys / "pki" / "roots.pem")


@pytest.fixture(scope="module")
def authority(keys: Path) -> Iterator[str]:
    with time_stamping(keys) as url:
        yield url


@pytest.fixture(scope="module")
def paper() -> bytes:
    slip = Refusal(
        agency="Công an thành phố Hà Nội",
        code="X",
        applicant="Trần Thị Bình",
        procedure="Cấp phiếu",
        officer="Lê Thị Lan",
        issued_at=datetime(2026, 11, 23, tzinfo=UTC),
        reason="Không đủ điều kiện",
        legal_basis="",
    )
    return SlipPrinter().render(slip.template, slip.data())


async def sign(keys: Path, paper: bytes, url: str | None) -> SignedPdf:
    signer = DocumentSigner(FileSeals(keys / "judicial-record" / "seals"), time_stamping_url=url)
    try:
        return await signer.sign(paper, *BOTH)
    finally:
        signer.close()


@pytest.fixture(scope="module")
async def signed(keys: Path, paper: bytes, authority: str) -> SignedPdf:
    return await sign(keys, paper, authority)


async def test_paper_is_signed_twice_and_time_stamped(
    signed: SignedPdf, roots: tuple[x509.Certificate, ...]
) -> None:
    assert signed.level == "B-T"
    verdict = await signatures.verify(signed.content, roots)
    assert (verdict.state, verdict.covers_whole_file) == ("valid", True)
    assert [one.signer for one in verdict.signatures] == ["Lê Thị Lan", "Công an thành phố Hà Nội"]
    assert all(one.has_time_stamp for one in verdict.signatures)
    assert verdict.signer == "Lê Thị Lan"
    assert verdict.signed_at is not None
    assert abs(verdict.signed_at - datetime.now(UTC)) < timedelta(minutes=10)


async def test_time_stamp_is_asked_for_in_the_trace_of_who_signs(keys: Path, paper: bytes) -> None:
    asked: list[str] = []
    with time_stamping(keys, asked) as url, telemetry.consumer_span("sign", TRACEPARENT):
        await sign(keys, paper, url)

    assert {one.split("-")[1] for one in asked} == {TRACEPARENT.split("-")[1]}
    assert len(asked) == len(BOTH)


async def test_paper_is_signed_though_nobody_stamps_time(
    keys: Path, paper: bytes, roots: tuple[x509.Certificate, ...]
) -> None:
    for url in (None, "http://127.0.0.1:1/"):
        done = await sign(keys, paper, url)
        assert done.level == "B-B"
        verdict = await signatures.verify(done.content, roots)
        assert verdict.state == "valid"
        assert not any(one.has_time_stamp for one in verdict.signatures)


async def test_any_changed_byte_is_seen(signed: SignedPdf, roots: tuple[x509.Certificate, ...]) -> None:
    content = signed.content
    for at in range(9, len(content), len(content) // 40):
        changed = bytearray(content)
        changed[at] ^= 1
        verdict = await signatures.verify(bytes(changed), roots)
        assert verdict.state != "valid", at


async def test_appended_and_cut_files_are_not_whole(
    signed: SignedPdf, roots: tuple[x509.Certificate, ...]
) -> None:
    more = await signatures.verify(signed.content + b"\n% more", roots)
    assert not (more.state == "valid" and more.covers_whole_file)
    less = await signatures.verify(signed.content[:-200], roots)
    assert less.state != "valid"


async def test_other_root_is_not_trusted(signed: SignedPdf, tmp_path: Path) -> None:
    pki.write(tmp_path)
    verdict = await signatures.verify(signed.content, read_roots(tmp_path / "pki" / "roots.pem"))
    assert verdict.state == "untrusted"


@pytest.mark.parametrize("file", [b"", b"not a pdf", b"%PDF-1.7\n%%EOF", b"%PDF-1.7" + bytes(5000)])
async def test_garbage_is_unreadable(file: bytes, roots: tuple[x509.Certificate, ...]) -> None:
    assert (await signatures.verify(file, roots)).state == "unreadable"


async def test_unsigned_paper_is_unsigned(paper: bytes, roots: tuple[x509.Certificate, ...]) -> None:
    assert (await signatures.verify(paper, roots)).state == "unsigned"


async def test_signing_leaves_the_event_loop(keys: Path, paper: bytes) -> None:
    seen: list[str] = []

    class Watching(FileSeals):
        def signer(self, name: str) -> object:
            seen.append(threading.current_thread().name)
            return FileSeals.signer(self, name)

    signer = DocumentSigner(Watching(keys / "judicial-record" / "seals"), time_stamping_url=None)
    await signer.sign(paper, *BOTH)
    signer.close()
    assert seen
    assert threading.main_thread().name not in seen


async def test_missing_and_open_keys_are_refused(keys: Path, paper: bytes, tmp_path: Path) -> None:
    pki.write(tmp_path)
    folder = tmp_path / "judicial-record" / "seals"
    (folder / "lltp-ha-noi.seal.pem").chmod(0o644)
    (folder / "empty.pem").write_text("nothing")
    (folder / "empty.pem").chmod(0o600)
    for name in ("lltp-ha-noi.seal", "nobody.seal", "empty"):
        with pytest.raises(KeyUnavailable):
            FileSeals(folder).signer(name)
    with pytest.raises(KeyUnavailable):
        read_roots(tmp_path / "none.pem")


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    pki.write(tmp_path)
    made = {file: file.read_bytes() for file in tmp_path.rglob("*.pem")}
    assert len(made) == 2 + 1 + sum(len(seals) for seals in pki.SEALS.values())
    assert {file.stat().st_mode & 0o777 for file in made} == {0o600}
    pki.write(tmp_path)
    assert {file: file.read_bytes() for file in tmp_path.rglob("*.pem")} == made


@pytest.mark.judge
async def test_pdfsig_agrees(signed: SignedPdf, keys: Path, tmp_path: Path) -> None:
    roots = keys / "pki" / "roots.pem"
    said = pdfsig(signed.content, roots, tmp_path)
    assert said.count("Signature is Valid.") == 2
    assert said.count("Certificate is Trusted.") == 2
    changed = bytearray(signed.content)
    changed[2000] ^= 1
    assert "Signature is Valid." not in pdfsig(bytes(changed), roots, tmp_path)
