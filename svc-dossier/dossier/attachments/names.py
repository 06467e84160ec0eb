"""File names as they come from strangers, made harmless and still recognisable.

A name is shown to officers and printed on slips, and may be saved on a Windows desktop: what could leave a
folder, turn the reading direction, end a string or name a device is taken out. The ending follows the type.
"""

import re
import unicodedata
from email.message import Message

MAX_CHARACTERS = 120
_FORBIDDEN = re.compile(r'[<>:"|?*%]+')
_SPACES = re.compile(r"\s+")
_DEVICES = re.compile(r"(?i)(con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])")
_ENDINGS = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
_SAME = {".jpeg": ".jpg", ".jpe": ".jpg"}


def given_name(content_disposition: str | None) -> str | None:
    """Return the file name of a Content-Disposition header (RFC 6266), or None; never fails."""
    if not content_disposition or len(content_disposition) > 4096:
        return None
    message = Message()
    message["content-disposition"] = content_disposition.replace("\r", " ").replace("\n", " ")
    try:
        return message.get_filename()
    except (ValueError, LookupError, UnicodeError):
        return None


def safe_name(given: str | None, *, slot: str, media_type: str) -> str:
    """Return a name of at most 120 characters in NFC without path, control or direction characters.

    A name of which nothing is left becomes the slot's. The ending is the one of `media_type`.
    """
    text = unicodedata.normalize("NFC", given or "")
    last = re.split(r"[/\\∕⁄⧵＼／]", text)[-1]
    kept = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in last)
    kept = _SPACES.sub(" ", _FORBIDDEN.sub("_", kept)).strip(" .")
    ending = _ENDINGS[media_type]
    stem, dot, old = kept.rpartition(".")
    if dot and _SAME.get(f".{old.lower()}", f".{old.lower()}") == ending:
        kept = stem
    kept = kept[: MAX_CHARACTERS - len(ending)].strip(" .")
    if not any(one.isalnum() for one in kept):
        kept = slot
    if _DEVICES.fullmatch(kept.partition(".")[0]):
        kept = f"_{kept}"
    return f"{kept}{ending}"
