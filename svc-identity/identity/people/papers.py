"""Names and papers in the form in which they are compared and stored. Pure; decides nothing by itself."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

MAX_NAME_CHARACTERS = 255
_NOT_IN_NUMBERS = re.compile(r"[\s.\-]+")
_PERSONAL_ID = re.compile(r"[0-9]{12}", re.ASCII)


class PaperKind(StrEnum):
    """Papers by which a person can be found; the value is stored in `paper_claims.kind`."""

    PERSONAL_ID = "personal_id"
    OLD_ID = "old_id"
    PASSPORT = "passport"
    IDENTITY_CERTIFICATE = "identity_certificate"
    INSURANCE_CARD = "insurance_card"


class Sex(StrEnum):
    """As in the population register."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: its kind and its number in comparable form."""

    kind: PaperKind
    number: str


def stored_name(name: str) -> str:
    """Return a name as it is stored and shown: NFC, single spaces, no control characters, 255 at most."""
    printable = "".join(c for c in name if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join(unicodedata.normalize("NFC", printable).split())[:MAX_NAME_CHARACTERS].strip()


def comparable_name(name: str) -> str:
    """Return a name so that NFC and NFD, upper and lower case, and spacing make no difference."""
    return unicodedata.normalize("NFC", stored_name(name).casefold())


def bare_name(name: str) -> str:
    """Return a comparable name without tone and vowel marks (`đ` becomes `d`), as many systems print it."""
    split = unicodedata.normalize("NFD", comparable_name(name))
    return "".join(c for c in split if not unicodedata.combining(c)).replace("đ", "d")


def paper_number(text: str) -> str:
    """Return a paper's number without spaces, dots and dashes, in capitals."""
    return _NOT_IN_NUMBERS.sub("", unicodedata.normalize("NFC", text)).upper()


def is_personal_id(text: str) -> bool:
    """Return whether the text is twelve ASCII digits."""
    return _PERSONAL_ID.fullmatch(text) is not None


def read_born_on(text: str | None) -> str | None:
    """Return `YYYY-MM-DD` or `YYYY`, or `None` where nothing readable is given (30 February is not)."""
    if text is None:
        return None
    text = text.strip()
    try:
        if len(text) == 4 and text.isascii() and text.isdigit() and text != "0000":
            return text
        return date.fromisoformat(text).isoformat() if len(text) == 10 else None
    except ValueError:
        return None
