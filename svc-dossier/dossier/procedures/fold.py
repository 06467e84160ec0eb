"""Vietnamese text as people type it into a search box: without accents, without case.

Folded here and not by PostgreSQL's `unaccent`, which is an extension that a database may lack, and which
leaves `đ` alone in its default rules. The catalogue has some hundred rows, so a scan over folded text takes
less than a millisecond and needs no trigram index.
"""

import re
import unicodedata

_OTHER = re.compile(r"[^a-z0-9.]+")


def fold(text: str) -> str:
    """Return the words of a text in lower case ASCII, one space apart; `.` stays, for codes."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return _OTHER.sub(" ", letters.lower()).strip()


def slug(text: str) -> str:
    """Return the code of a name: folded words joined by hyphens."""
    return fold(text).replace(".", " ").strip().replace(" ", "-")


def words(text: str) -> list[str]:
    """Return the distinct folded words of a query, in their order, at most 20 of them."""
    return list(dict.fromkeys(fold(text).split()))[:20]
