"""The code beside a certificate's number: 80 random bits that a person can type.

Numbers run without gaps, so that a number alone would let anyone walk through all certificates.
"""

import re
import secrets

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
_LENGTH = 16
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = re.compile(r"[\s-]+")
_CODE = re.compile(f"[{_ALPHABET}]{{{_LENGTH}}}\\Z")


def new_code() -> str:
    """Return a new code in groups of four, `7K3M-Q9TX-0A2B-5HJN`."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    return "-".join(letters[at : at + 4] for at in range(0, _LENGTH, 4))


def read_code(text: str) -> str | None:
    """Return a code as it is compared, however it was typed; None when it cannot be one."""
    code = _BETWEEN.sub("", text.upper()).translate(_READ_AS)
    return code if _CODE.match(code) else None
