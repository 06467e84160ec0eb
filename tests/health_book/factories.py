"""Hospital files for tests: valid by default, made from the sample files beside this module."""

import base64
import copy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from health_book.submissions.dossier import Dossier
from health_book.submissions.envelope import EnvelopeReader
from health_book.submissions.tables import table_specs

DATA = Path(__file__).parent / "data"
AN = "001085000017"


def sample(name: str) -> bytes:
    return (DATA / "hospital-xml" / f"{name}.xml").read_bytes()


@cache
def _sample_rows(name: str) -> dict[str, list[dict[str, str]]]:
    (dossier,) = EnvelopeReader(sample(name))
    return {table: content.rows for table, content in dossier.tables.items()}


@dataclass
class DossierIn:
    """Rows by table, as a hospital would send them; `raw` adds FILEHOSO contents by LOAIHOSO, unencoded."""

    tables: dict[str, list[dict[str, str]]]
    raw: dict[str, str] = field(default_factory=dict)

    @property
    def summary(self) -> dict[str, str]:
        return self.tables["XML1"][0]

    def set_everywhere(self, name: str, value: str) -> None:
        for rows in self.tables.values():
            for row in rows:
                if name in row:
                    row[name] = value


def make_dossier(visit_code: str = "LK1", *, base: str = "qd3176-outpatient", **summary: str) -> DossierIn:
    """A valid dossier of the persona `an`; keywords override fields of XML1, "" removes one."""
    dossier = DossierIn(copy.deepcopy(_sample_rows(base)))
    dossier.set_everywhere("MA_LK", visit_code)
    dossier.summary.update(
        {"HO_TEN": "NGUYỄN VĂN AN", "SO_CCCD": AN, "NGAY_SINH": "198503120000", "GIOI_TINH": "1"}
    )
    dossier.summary.update(summary)
    return dossier


def transfer_paper(dossier: DossierIn, *, shape: str = "qd3176") -> dict[str, str]:
    """Add a transfer paper to a dossier in one of its two shapes, and return its row."""
    row = {
        "MA_LK": dossier.summary["MA_LK"],
        "SO_HOSO": "HS1",
        "SO_CHUYENTUYEN": "CT1",
        "GIAY_CHUYEN_TUYEN": "GCT1",
        "HO_TEN": dossier.summary["HO_TEN"],
        "DAU_HIEU_LS": "Sốt",
        "QT_BENHLY": "3 ngày",
        "TOMTAT_KQ": "Bình thường",
        "MA_LYDO_CT": "1",
        "HUONG_DIEU_TRI": "Theo dõi",
        "PHUONGTIEN_VC": "Xe cứu thương",
        "MA_BAC_SI": "000001",
        "MA_TTDV": "0000000001",
    }
    if shape == "qd3176":
        row |= {"MA_CSKCB_DI": "99999", "MA_CSKCB_DEN": "01001", "TINH_TRANG_CT": "Tỉnh"}
    else:
        row |= {"MA_NOI_DI": "99999", "MA_NOI_DEN": "01001", "TEN_DICH_VU": "Khám"}
    dossier.tables["XML13"] = [row]
    dossier.summary["MA_LOAI_RV"] = "2"
    return row


def appointment_paper(dossier: DossierIn, day: str = "20261120") -> dict[str, str]:
    """Add a re-examination slip for `day` to a dossier, and return its row."""
    row = {
        "MA_LK": dossier.summary["MA_LK"],
        "SO_GIAYHEN_KL": "GH1",
        "MA_CSKCB": "99999",
        "HO_TEN": dossier.summary["HO_TEN"],
        "NGAY_HEN_KL": f"{day}0800",
        "MA_BAC_SI": "000001",
        "MA_TTDV": "0000000001",
        "NGAY_CT": dossier.summary["NGAY_RA"][:8],
    }
    dossier.tables["XML14"] = [row]
    dossier.summary["NGAY_TAI_KHAM"] = day
    return row


def discharge_paper(dossier: DossierIn, **fields: str) -> dict[str, str]:
    """Return the row of the discharge paper of an inpatient dossier after setting `fields` in it."""
    row = dossier.tables["XML7"][0]
    row.update(fields)
    return row


def inner_xml(table: str, rows: list[dict[str, str]]) -> str:
    """Return the XML of one table, without a declaration."""
    spec = table_specs()[table]
    # As real software sends it: fields without a value are there and empty, in one of two ways.
    everywhere = {} if table in ("XML13", "CHECKIN") else dict.fromkeys(spec.fields, "")
    body = ""
    for row in rows:
        fields = "".join(
            f"<{name}>{escape(value)}</{name}>" if value or n % 2 else f"<{name}/>"
            for n, (name, value) in enumerate((everywhere | row).items())
        )
        body += fields if spec.is_single else f"<{spec.row_element}>{fields}</{spec.row_element}>"
    if spec.is_single:
        return f"<{spec.root_element}>{body}</{spec.root_element}>"
    return f"<{spec.root_element}><DSACH>{body}</DSACH></{spec.root_element}>"


def _content(xml: str, form: str) -> str:
    if form == "nested":
        return xml
    if form == "cdata":
        return f'<![CDATA[<?xml version="1.0" encoding="utf-16"?>{xml}]]>'
    encoded = base64.b64encode(b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>' + xml.encode()).decode()
    if form == "wrapped":
        return "\r\n" + "\r\n".join(encoded[i : i + 76] for i in range(0, len(encoded), 76)) + "\r\n"
    return encoded


def make_file(
    *dossiers: DossierIn,
    facility: str = "99999",
    declared: int | None = None,
    form: str = "base64",
    encoding: str = "utf-8",
    made_on: str = "20261022",
    signature: str = "",
    prolog: str = "",
) -> bytes:
    """Return a GIAMDINHHS file; `form` is how the inner XML is put in: base64, wrapped, nested or cdata."""
    parts = []
    for dossier in dossiers:
        files = "".join(
            f"<FILEHOSO><LOAIHOSO>{'XML0' if name == 'CHECKIN' else name}</LOAIHOSO>"
            f"<NOIDUNGFILE>{_content(inner_xml(name, rows), form)}</NOIDUNGFILE></FILEHOSO>"
            for name, rows in dossier.tables.items()
        )
        files += "".join(
            f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>"
            for name, content in dossier.raw.items()
        )
        parts.append(f"<HOSO>{files}</HOSO>")
    declared = len(dossiers) if declared is None else declared
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>{prolog}'
        '<GIAMDINHHS xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI>"
        f"<THONGTINHOSO><NGAYLAP>{made_on}</NGAYLAP><SOLUONGHOSO>{declared}</SOLUONGHOSO>"
        f"<DANHSACHHOSO>{''.join(parts)}</DANHSACHHOSO></THONGTINHOSO>"
        f"<CHUKYDONVI>{signature}</CHUKYDONVI></GIAMDINHHS>"
    )
    return text.encode(encoding)


def read_one(body: bytes) -> Dossier:
    """Return the only dossier of a file as the reader sees it."""
    (dossier,) = EnvelopeReader(body)
    return dossier
