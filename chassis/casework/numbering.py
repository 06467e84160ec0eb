"""Numbers that leave no gap, and the national formats they go into.

A number is taken under a row lock that lasts as long as the caller's transaction: what rolls back gives its
number back, and whoever comes second waits for the first. Rejected: a PostgreSQL sequence, which never waits
and therefore leaves a gap after each rollback; a registry of numbers is read as complete.
"""

import re
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_AGENCY = re.compile(r"[A-Z0-9]+(?:\.[A-Za-z0-9]+)*")

_TABLE = """
    create table number_counters (
        series text not null,
        period text not null,
        last_number bigint not null,
        constraint number_counters_pkey primary key (series, period),
        constraint number_counters_last_number_check check (last_number >= 1)
    )
"""

_NEXT = text(
    "insert into number_counters (series, period, last_number) values (:series, :period, 1)"
    " on conflict (series, period) do update set last_number = number_counters.last_number + 1"
    " returning last_number"
)


def create_number_tables(operations: Any) -> None:  # alembic's `op` is a module
    """Make the table of counters; called by a service's own migration with alembic's `op`."""
    operations.execute(_TABLE)


async def next_number(db: AsyncSession, series: str, period: str) -> int:
    """Return the next number of `series` in `period`, from 1, held by the caller's transaction.

    Take it last in a transaction, and of one series only: others who want the same series wait until this
    transaction ends. A rollback gives the number to the next one.
    """
    taken = await db.execute(_NEXT, {"series": series, "period": period})
    return int(taken.scalar_one())


def dossier_code(agency_code: str, on: date, number: int) -> str:
    """Return the national code of a dossier, for example `G18-20261123-0000001`; numbers begin anew each day.

    Raises: ValueError when the agency's code or the number does not fit the format.
    Source: form of the centralised system of 2026, `<agency>-<yyyyMMdd>-<7 digits>`, seen on dossiers.
    """
    return f"{_checked(agency_code)}-{on:%Y%m%d}-{_padded(number, 7)}"


def result_code(agency_code: str, number: int) -> str:
    """Return the code of a signed result, for example `KQ.G18.000001`.

    Raises: ValueError when the agency's code or the number does not fit the format.
    Source: code form `KQ.Gxx.nnnnnn` of the national portal's adapter.
    """
    return f"KQ.{_checked(agency_code)}.{_padded(number, 6)}"


def certificate_number(issuer_code: str, year: int, number: int) -> str:
    """Return the number of a judicial-record certificate, for example `LLTP-H26-2026-0000001`.

    The law leaves the form to the issuing body, which counts by year; ours has no slash, so that it can
    stand in an address.

    Raises: ValueError when the issuer's code or the number does not fit the format.
    Source: decision 0010; running number per issuing body and year (general knowledge, unverified).
    """
    return f"LLTP-{_checked(issuer_code)}-{year:04d}-{_padded(number, 7)}"


def _checked(code: str) -> str:
    if not _AGENCY.fullmatch(code):
        raise ValueError("an agency's code has letters, digits and dots")
    return code


def _padded(number: int, digits: int) -> str:
    if not 1 <= number < 10**digits:
        raise ValueError(f"the number does not fit {digits} digits")
    return f"{number:0{digits}d}"
