"""Values of the hospital format as the API shows them: instants, dates, whole đồng, quantities, lists."""

from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

LEGAL_ZONE = timezone(timedelta(hours=7))


def instant(value: str | None) -> str | None:
    """Return a `yyyymmddHHMM` or `yyyymmdd` of the legal zone as RFC 3339 instant or date."""
    if not value:
        return None
    day = f"{value[:4]}-{value[4:6]}-{value[6:8]}"
    return day if len(value) == 8 else f"{day}T{value[8:10]}:{value[10:12]}:00+07:00"


def moment(value: str) -> datetime:
    """Return a `yyyymmddHHMM` of the legal zone as an aware instant."""
    return datetime(
        int(value[:4]),
        int(value[4:6]),
        int(value[6:8]),
        int(value[8:10]),
        int(value[10:12]),
        tzinfo=LEGAL_ZONE,
    )


def born_on(value: str | None) -> str | None:
    """Return a birth date `YYYY-MM-DD`, or `YYYY` where day and month are unknown."""
    if not value:
        return None
    return value[:4] if value[4:8] == "0000" else f"{value[:4]}-{value[4:6]}-{value[6:8]}"


def dong(value: str | None) -> int | None:
    """Return an amount in whole đồng, rounded half up."""
    return None if value is None else int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))


def number(value: str | None) -> int | float | None:
    """Return a quantity of at most 3 decimals, which a double holds exactly enough to be printed again."""
    if value is None:
        return None
    exact = Decimal(value)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def codes(value: str | None) -> list[str]:
    """Return the parts of a field that holds several values separated by `;`."""
    return [part.strip() for part in (value or "").split(";") if part.strip()]
