"""What a file is, by its content: names and headers are claims, the first bytes are evidence.

Only PDF, JPEG and PNG are taken, none of which is an archive: nothing is ever unpacked, so a bomb of
zeros stays as small as it was sent. A general library of file types was rejected: it would recognise hundreds
of types in order to refuse all but three.
"""

from dossier.procedures.schemas import MediaType

_PDF_END = 2048
_JPEG, _JPEG_END = b"\xff\xd8\xff", b"\xff\xd9"
_PNG, _PNG_HEADER, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IHDR", b"IEND"


def sniff(content: bytes) -> MediaType | None:
    """Return the type of a whole file, or None for anything but a complete PDF, JPEG or PNG.

    The signature must stand at the very start, so that a file of two natures is refused, and the end must be
    there, so that a broken upload is noticed now and not by the officer.
    """
    if content.startswith((b"%PDF-1.", b"%PDF-2.")) and b"%%EOF" in content[-_PDF_END:]:
        return "application/pdf"
    if content.startswith(_JPEG) and content.rstrip(b"\x00\r\n").endswith(_JPEG_END):
        return "image/jpeg"
    if content.startswith(_PNG) and content[12:16] == _PNG_HEADER and _PNG_END in content[-16:]:
        return "image/png"
    return None
