"""One HOSO: its tables as rows of text, the files that we do not read, and what was wrong with reading it.

What is wrong here is a finding of this dossier and never of the file, so that the good dossiers are not lost
with it.
"""

import base64
import binascii
import re
import unicodedata
from dataclasses import dataclass, field

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

MAX_FILES = 50
MAX_ROWS = 10_000
MAX_FINDINGS = 100
"""Limits that no real dossier comes near; without them a file of 20 MiB could name millions of faults."""

_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "utf16", "utf-16le", "utf-16be", "us-ascii", "ascii"})
_DECLARED_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_OLD_SUMMARY_FIELDS = frozenset({"TEN_BENH", "MA_BENH", "MA_THE", "MA_LYDO_VVIEN", "TINH_TRANG_RV"})
_has_markup = etree.XPath("boolean(*/*)")  # a field with elements inside, such as <br/> in a doctor's text
_UNREAD_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")


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

    def finding(
        self, pointer: str, code: str, severity: Severity, article: str = FORMAT, **facts: str
    ) -> Finding:
        """Return a finding at a pointer below this dossier, written without a leading slash."""
        return Finding(f"{self.pointer}/{pointer}", code, severity, article, facts)

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


def local_name(tag: str) -> str:
    return tag.rpartition("}")[2]


def clean_text(text: str) -> str:
    text = text.strip()
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_known_encoding(raw: bytes) -> bool:
    """Return whether an XML declaration, where there is one, names an encoding that we take."""
    declared = _DECLARED_ENCODING.match(raw[:256].removeprefix(b"\xef\xbb\xbf"))
    return declared is None or declared.group(1).decode("ascii").lower() in _ENCODINGS


def read_dossier(element: etree._Element, index: int) -> Dossier:
    """Return the dossier of a HOSO element, with a finding for each part that cannot be read."""
    dossier = Dossier(index)
    if len(element) > MAX_FILES:
        dossier.refuse("", "too_many_files", limit=str(MAX_FILES))
        return dossier
    for file in element:
        if local_name(file.tag) != "FILEHOSO":
            continue
        name, content = "", None
        for part in file:
            tag = local_name(part.tag)
            if tag == "LOAIHOSO":
                name = clean_text(part.text or "").upper()
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
        elements = [root] if local_name(root.tag) == spec.root_element else []
    else:
        elements = list(root.iter("{*}" + spec.row_element))
        if not elements and local_name(root.tag) not in (spec.root_element, spec.row_element):
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
                tag = local_name(tag)
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
    if not is_known_encoding(raw):
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
