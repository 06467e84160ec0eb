"""Reads a GIAMDINHHS envelope into dossiers, one at a time, in memory bounded by one dossier.

lxml's `iterparse` with every dangerous option off and not a whole tree: a file of 500 dossiers is 20 MiB, its
tree ten times that. A DOCTYPE is refused outright, outside and inside the base64, before any entity can be
used. What is wrong with the file as a whole raises `Unreadable`; what is wrong with one dossier becomes a
finding of that dossier, so that the good ones are never lost with it.
"""

from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from health_book.submissions.dossier import Dossier, clean_text, is_known_encoding, local_name, read_dossier

MAX_DOSSIERS = 10_000
"""A limit that no real file comes near."""


class Unreadable(Exception):
    """The file as a whole cannot be read; `code` is a slug, `reason` a text without content of the file."""

    def __init__(self, code: str, reason: dict[str, str]) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


class EnvelopeReader:
    """Iterates over the dossiers of one file; the other attributes are complete when the iteration has ended.

    Raises: Unreadable, at any point of the iteration; nothing may be stored before it has ended.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.facility_code = ""
        self.declared_count: int | None = None
        self.dossier_count = 0

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
        if not is_known_encoding(self._body):
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
                elif inside < 0 and local_name(element.tag) == "HOSO":
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
                yield read_dossier(element, self.dossier_count)
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
        if local_name(root.tag) != "GIAMDINHHS":
            raise Unreadable(
                "unexpected_root",
                {"vi": "Phần tử gốc phải là GIAMDINHHS.", "en": "The root element must be GIAMDINHHS."},
            )

    def _read_header(self, element: etree._Element) -> None:
        name = local_name(element.tag)
        if name == "MACSKCB":
            self.facility_code = clean_text(element.text or "")
        elif name == "SOLUONGHOSO":
            text = (element.text or "").strip()
            if not (text.isascii() and text.isdigit() and len(text) <= 9):
                raise Unreadable(
                    "count_malformed",
                    {"vi": "SOLUONGHOSO không phải số.", "en": "SOLUONGHOSO is not a number."},
                )
            self.declared_count = int(text)


def _forget(element: etree._Element) -> None:
    """Free what was read: the element's content and its earlier siblings."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]
