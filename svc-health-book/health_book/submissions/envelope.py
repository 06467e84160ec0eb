"""Reads a GIAMDINHHS envelope into dossiers, one at a time, in memory bounded by one dossier.

lxml's `iterparse` with every dangerous option off and not a whole tree: a file of 500 dossiers is 20 MiB, its
tree ten times that. A DOCTYPE is refused outright, outside and inside the base64, before any entity can be
used. What is wrong with the file as a whole raises `Unreadable`; what is wrong with one dossier becomes a
finding of that dossier, so that the good ones are never lost with it.
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from lxml import etree

from health_book.submissions.findings import FORMAT, Finding, Severity
from health_book.submissions.tables import (
    CHECK_IN,
    CHECK_IN_NAMES,
    FROM_ASSESSMENT_BODIES,
    SUMMARY,
    Row,
    TableSpec,
    spec_for,
    table_specs,
)

_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "utf16", "utf-16le", "utf-16be", "us-ascii", "ascii"})
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_OLD_SUMMARY_FIELDS = frozenset({"TEN_BENH", "MA_BENH", "MA_THE", "MA_LYDO_VVIEN", "TINH_TRANG_RV"})
_has_markup = etree.XPath("boolean(*/*)")  # a field with elements inside, such as <br/> in a doctor's text
_UNREAD_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")


MAX_DOSSIERS = 10_000
MAX_ROWS = 10_000
MAX_FINDINGS = 100
"""Limits that no real file comes near; without them a file of 20 MiB could name millions of faults."""


class Unreadable(Exception):
    """The file as a whole cannot be read; `code` is a slug, `reason` a text without content of the file."""

    def __init__(self, code: str, reason: dict[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


@dataclass(slots=True)
class Table:
    """Rows of one table of a dossier, with the shape they were checked against."""

    spec: TableSpec
    rows: list[Row]


@dataclass(slots=True)
class Dossier:
    """One HOSO: `index` counts from 0; `unread` keeps files we do not read, as sent, by LOAIHOSO."""

    index: int
    tables: dict[str, Table] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    tags: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def pointer(self) -> str:
        return f"/HOSO/{self.index}"

    @property
    def summary(self) -> Row | None:
        table = self.tables.get(SUMMARY) or self.tables.get(CHECK_IN)
        return table.rows[0] if table and table.rows else None

    def rows(self, name: str) -> list[Row]:
        table = self.tables.get(name)
        return table.rows if table else []

    def refuse(self, pointer: str, code: str, **facts: str) -> None:
        self._note(Finding(self.pointer + pointer, code, Severity.refuse, FORMAT, facts))

    def warn(self, pointer: str, code: str, **facts: str) -> None:
        self._note(Finding(self.pointer + pointer, code, Severity.warn, FORMAT, facts))

    def _note(self, finding: Finding) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        recover=False,
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _clean(text: str) -> str:
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


class EnvelopeReader:
    """Iterates over the dossiers of one file; the other attributes are complete when the iteration has ended.

    Raises: Unreadable, at any point of the iteration; nothing may be stored before it has ended.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.facility_code = ""
        self.declared_count: int | None = None
        self.dossier_count = 0
        self.has_signature = False

    def __iter__(self) -> Iterator[Dossier]:
        self._require_known_encoding()
        try:
            yield from self._dossiers()
        except etree.XMLSyntaxError as error:
            raise Unreadable(
                "not_xml", {"vi": "Tệp không phải XML đọc được.", "en": "The file is not readable XML."}
            ) from error
        if not self.facility_code:
            raise Unreadable(
                "facility_missing",
                {"vi": "Tệp không ghi MACSKCB.", "en": "The file does not name its facility (MACSKCB)."},
            )
        if self.declared_count is None:
            raise Unreadable(
                "count_missing",
                {"vi": "Tệp không ghi SOLUONGHOSO.", "en": "The file does not give SOLUONGHOSO."},
            )

    def _require_known_encoding(self) -> None:
        declared = _DECLARED_ENCODING.match(self._body[:256].removeprefix(b"\xef\xbb\xbf"))
        if declared and declared.group(1).decode("ascii").lower() not in _ENCODINGS:
            raise Unreadable(
                "encoding",
                {"vi": "Tệp phải là UTF-8 hoặc UTF-16.", "en": "The file must be UTF-8 or UTF-16."},
            )

    def _dossiers(self) -> Iterator[Dossier]:
        root: etree._Element | None = None
        events = etree.iterparse(
            BytesIO(self._body),
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
            recover=False,
        )
        depth = 0
        inside = -1  # depth of the HOSO being read, or -1
        for event, element in events:
            if event == "start":
                depth += 1
                if root is None:
                    root = element
                    self._require_envelope(root)
                elif inside < 0 and _local(element.tag) == "HOSO":
                    inside = depth
                continue
            if depth == inside:
                if self.dossier_count == MAX_DOSSIERS:
                    raise Unreadable(
                        "too_many_dossiers",
                        {
                            "vi": f"Tệp có quá {MAX_DOSSIERS} hồ sơ; hãy chia nhỏ.",
                            "en": f"The file holds more than {MAX_DOSSIERS} dossiers; split it.",
                        },
                    )
                yield _read_dossier(element, self.dossier_count)
                self.dossier_count += 1
                inside = -1
                _forget(element)
            elif inside < 0:
                self._read_header(element)
            depth -= 1

    @staticmethod
    def _require_envelope(root: etree._Element) -> None:
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(
                "doctype_forbidden",
                {
                    "vi": "Tệp có DOCTYPE; không được phép.",
                    "en": "The file declares a DOCTYPE, which is not allowed.",
                },
            )
        if _local(root.tag) != "GIAMDINHHS":
            raise Unreadable(
                "unexpected_root",
                {"vi": "Phần tử gốc phải là GIAMDINHHS.", "en": "The root element must be GIAMDINHHS."},
            )

    def _read_header(self, element: etree._Element) -> None:
        name = _local(element.tag)
        if name == "MACSKCB":
            self.facility_code = _clean(element.text or "")
        elif name == "SOLUONGHOSO":
            text = (element.text or "").strip()
            if not (text.isascii() and text.isdigit() and len(text) <= 9):
                raise Unreadable(
                    "count_malformed",
                    {"vi": "SOLUONGHOSO không phải số.", "en": "SOLUONGHOSO is not a number."},
                )
            self.declared_count = int(text)
        elif name == "CHUKYDONVI":
            self.has_signature = len(element) > 0 or bool((element.text or "").strip())


def _forget(element: etree._Element) -> None:
    """Free what was read: the element's content and its earlier siblings."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _read_dossier(element: etree._Element, index: int) -> Dossier:
    dossier = Dossier(index)
    for file in element:
        if _local(file.tag) != "FILEHOSO":
            continue
        name, content = "", None
        for part in file:
            tag = _local(part.tag)
            if tag == "LOAIHOSO":
                name = _clean(part.text or "").upper()
            elif tag == "NOIDUNGFILE":
                content = part
        _read_table(dossier, CHECK_IN if name in CHECK_IN_NAMES else name, content)
    return dossier


def _read_table(dossier: Dossier, name: str, content: etree._Element | None) -> None:
    if name == FROM_ASSESSMENT_BODIES:
        dossier.refuse(f"/{name}", "table_not_from_facility")
        return
    if name not in table_specs():
        _keep_unread(dossier, name, content)
        return
    if name in dossier.tables:
        dossier.refuse(f"/{name}", "table_repeated", table=name)
        return
    root = _inner_root(dossier, name, content)
    if root is None:
        return
    spec = table_specs()[name]
    if spec.is_single:
        elements = [root] if _local(root.tag) == spec.root_element else []
    else:
        elements = list(root.iter("{*}" + spec.row_element))
        if not elements and _local(root.tag) not in (spec.root_element, spec.row_element):
            dossier.refuse(f"/{name}", "unexpected_root", table=name, expected=spec.root_element)
            return
    if spec.is_single and not elements:
        dossier.refuse(f"/{name}", "unexpected_root", table=name, expected=spec.root_element)
        return
    if len(elements) > MAX_ROWS:
        dossier.refuse(f"/{name}", "too_many_rows", table=name, limit=str(MAX_ROWS))
        return
    _read_rows(dossier, spec, elements)


def _read_rows(dossier: Dossier, spec: TableSpec, elements: list[etree._Element]) -> None:
    rows: list[Row] = []
    tags: set[str] = set()
    for position, element in enumerate(elements):
        row: Row = {}
        has_markup = _has_markup(element)
        for child in element:
            tag = child.tag
            if tag[0] == "{":
                tag = _local(tag)
            text = "".join(map(str, child.itertext())) if has_markup else child.text
            if tag in row:
                pointer = f"/{spec.name}/{tag}" if spec.is_single else f"/{spec.name}/{position}/{tag}"
                dossier.refuse(pointer, "field_repeated", field=tag)
            elif not text:
                row[tag] = ""
            elif text.isascii():
                row[tag] = text.strip()
            else:
                row[tag] = unicodedata.normalize("NFC", text.strip())
        tags.update(row)
        rows.append({tag: text for tag, text in row.items() if text})
    dossier.tags[spec.name] = frozenset(tags)
    if spec.name == SUMMARY and "MA_BENH_CHINH" not in tags and not tags.isdisjoint(_OLD_SUMMARY_FIELDS):
        dossier.refuse(f"/{SUMMARY}", "unsupported_standard")
    shape = spec_for(spec.name, rows, dossier.tags[spec.name])
    dossier.tables[spec.name] = Table(shape, rows)


def _inner_root(dossier: Dossier, name: str, content: etree._Element | None) -> etree._Element | None:
    """Return the root of the inner XML, nested, as text or in base64; `None` after noting a finding."""
    pointer = f"/{name}"
    if content is not None and len(content):
        return content[0]
    text = (content.text or "").strip() if content is not None else ""
    if text.startswith("<"):
        raw = re.sub(r"^<\?xml[^>]*\?>", "", text, count=1).encode("utf-8")
    else:
        try:
            raw = base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            dossier.refuse(pointer, "content_not_base64", table=name)
            return None
    declared = _DECLARED_ENCODING.match(raw[:256].removeprefix(b"\xef\xbb\xbf"))
    if declared and declared.group(1).decode("ascii").lower() not in _ENCODINGS:
        dossier.refuse(pointer, "content_not_xml", table=name)
        return None
    try:
        root = etree.fromstring(raw, _parser())
    except (etree.XMLSyntaxError, ValueError):
        # A DOCTYPE whose entities libxml2 itself refused also lands here: not readable either way.
        declares = b"<!DOCTYPE" in raw[:4096].replace(b"\0", b"")  # the same letters in UTF-16
        code = "doctype_forbidden" if declares else "content_not_xml"
        dossier.refuse(pointer, code, table=name)
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        dossier.refuse(pointer, "doctype_forbidden", table=name)
        return None
    return root


def _keep_unread(dossier: Dossier, name: str, content: etree._Element | None) -> None:
    """Keep a file of a kind that we do not read, as sent, and say so."""
    label = name if _UNREAD_NAME.fullmatch(name) else "UNKNOWN"
    while label in dossier.unread:
        label += "+"
    if content is None:
        kept = ""
    elif len(content):
        kept = etree.tostring(content[0], encoding="unicode", with_tail=False)
    else:
        kept = content.text or ""
    dossier.unread[label] = kept
    dossier.warn(f"/{label}", "table_unread", table=label)
