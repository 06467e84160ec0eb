"""Who may act for whom. Pure."""

import re

COMPANY_SCOPES = frozenset({"dossier.file"})
"""What a company may do by those who act for it."""

_TAX_CODE = re.compile(r"[0-9]{10}([0-9]{2})?(-[0-9]{3})?", re.ASCII)


def is_tax_code(text: str) -> bool:
    """Return whether the text can be a tax code: 10 digits, 12 of a household business, `-NNN` of a branch.

    Source: decision 0015 (form of the code: general knowledge, unverified; not law here).
    """
    return _TAX_CODE.fullmatch(text) is not None
