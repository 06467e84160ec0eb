"""Slips: PDF/A-3b whose data stays text, whatever it holds."""

import io
import threading
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader

from casework.slip_forms import (
    Apology,
    Receipt,
    Refusal,
    Slip,
    SupplementRequest,
    day_in_words,
    due_in_words,
    instant_in_words,
    money,
)
from casework.slips import SlipPrinter, printable

AT = datetime(2026, 11, 23, 3, 5, tzinfo=UTC)
NAUGHTY = (
    "Nguyễn *Văn* _An_ #panic() $x$ `a` <b> @ref \\ ]",
    '"; DROP TABLE payments; --',
    '{{ 7*7 }} #import "@preview/x:1.0.0": * #read("/etc/passwd")',
    "Zalgo h̵̛e and emoji 😀 李 \x00 \x1b[31m",
    "\u202edelrever\u202c \u200b\ufeff",
    "w" * 255,
    "",
)


@pytest.fixture(scope="module")
def printer() -> SlipPrinter:
    return SlipPrinter()


def slips(text: str) -> list[Slip]:
    """Return one of each slip with `text` everywhere."""
    base = dict.fromkeys(("agency", "code", "applicant", "procedure", "officer"), text)
    return [
        Receipt(
            **base,
            issued_at=AT,
            received_at=AT,
            due_at=AT,
            due_rule=text,
            address=text,
            phone=text,
            papers=((text, 1),),
            return_channel=text,
            fee_vnd=200_000,
            lookup_url="http://127.0.0.1:8080/tracking",
        ),
        SupplementRequest(
            **base,
            issued_at=AT,
            round_number=1,
            items=((text, text),),
            add_by=date(2026, 12, 1),
            contact=text,
        ),
        Refusal(**base, issued_at=AT, reason=text, legal_basis=text),
        Apology(**base, issued_at=AT, old_due_at=AT, new_due_at=AT, reason=text),
    ]


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.parametrize("text", NAUGHTY, ids=range(len(NAUGHTY)))
def test_any_text_stays_text(printer: SlipPrinter, text: str) -> None:
    for slip in slips(text):
        shown = text_of(printer.render(slip.template, slip.data()))
        for word in printable(text).replace("\u200b", " ").split():
            assert word in shown.replace("\u200b", " ")


def test_slip_is_pdf_a_3b_in_vietnamese(printer: SlipPrinter) -> None:
    slip = slips("Trần Thị Bình")[0]
    pdf = printer.render(slip.template, slip.data())
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.xmp_metadata is not None
    meta = reader.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>3</pdfaid:part>" in meta
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in meta
    assert reader.metadata is not None
    assert reader.metadata.title == "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
    shown = text_of(pdf)
    for line in (
        "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "10 giờ 05 phút, ngày 23/11/2026",
        "200.000 đồng",
        "ngày 23 tháng 11 năm 2026",
    ):
        assert line in shown


def test_equal_data_gives_equal_bytes(printer: SlipPrinter) -> None:
    slip = slips("An")[3]
    assert printer.render(slip.template, slip.data()) == SlipPrinter().render(slip.template, slip.data())


async def test_printing_leaves_the_event_loop(printer: SlipPrinter) -> None:
    seen: list[str] = []

    class Watching(SlipPrinter):
        def render(self, *arguments: object) -> bytes:
            seen.append(threading.current_thread().name)
            return SlipPrinter.render(self, *arguments)  # type: ignore[arg-type]

    slip = slips("An")[2]
    await Watching().print(slip.template, slip.data())
    assert seen != [threading.main_thread().name]


def test_every_printable_letter_has_a_glyph(printer: SlipPrinter) -> None:
    letters = "".join(chr(code) for code in range(0x20, 0x2100) if printable(chr(code)) == chr(code))
    assert set("ăâđêôơưĂÂĐÊÔƠƯắẳẵặấầẩẫậ₫") <= set(letters)
    words = " ".join(letters[at : at + 20] for at in range(0, len(letters), 20))
    slip = Refusal(
        agency="a",
        code="c",
        applicant="b",
        procedure="d",
        officer="e",
        issued_at=AT,
        reason=words,
        legal_basis="",
    )
    assert printer.render(slip.template, slip.data()).startswith(b"%PDF")


def test_dates_and_sums_are_written_as_papers_write_them() -> None:
    assert day_in_words(date(2026, 2, 3)) == "ngày 03 tháng 02 năm 2026"
    assert day_in_words(date(2026, 11, 23)) == "ngày 23 tháng 11 năm 2026"
    assert instant_in_words(datetime(2026, 1, 1, 18, 0, tzinfo=UTC)) == "01 giờ 00 phút, ngày 02/01/2026"
    assert due_in_words(datetime(2026, 12, 3, 17, 0, tzinfo=UTC)) == "hết ngày 03/12/2026"
    assert due_in_words(datetime(2026, 12, 3, 3, 0, tzinfo=UTC)) == "10 giờ 00 phút, ngày 03/12/2026"
    assert money(1_205_000) == "1.205.000 đồng"
