"""What the databases hold of cases, their payments, numbers and notices, compared with what was done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from deploy.faults.cases import Case
from deploy.faults.comparison import Check

_PAID = """
    select case_id::text, amount_vnd from payments where state = 'confirmed' and case_id::text = any($1)
"""
# Money that came in; a charge and its taking back are postings of their own and move none.
_POSTINGS = """
    select count(distinct posting_id) from ledger_entries join payments using (payment_id)
    where account = 'platform' and case_id::text = any($1)
"""
_BALANCE = "select coalesce(sum(amount_vnd), 0) from ledger_entries"
_COUNTERS = "select coalesce(sum(last_number), 0) from number_counters"
_CERTIFICATES = "select application_id::text as case_id, number from certificate_register"
_CODES = "select code from application_keys"
_RESULTS = "select dossier_id::text as case_id, code as number from results"
_DOSSIER_CODES = "select code from dossiers where code is not null"
_NOTICES = "select about_id::text from notifications where kind = any($1)"
_CERTIFICATE_IDS = "select certificate_id::text as id from certificate_register"
_LEFT = (
    "select (select count(*) from outbox where published_at is null)"
    " + (select count(*) from inbox_failures where state <> 'replayed')"
)
_UNDELIVERED = "select count(*) from deliveries where state <> 'delivered' and peer = 'dvcqg'"

SERVICES = ("judicial-record", "dossier", "identity", "national-portal-sync")
FINISHED = ["certificate_issued", "dossier_finished"]


@dataclass(frozen=True, slots=True)
class CaseHoldings:
    """What is stored. `numbers` are all numbers given out, `counted` what their counters stand at."""

    payments: Sequence[tuple[str, int]]
    postings: int
    balance_vnd: int
    signed: Counter[str]
    numbers: Counter[str]
    counted: int
    notices: Counter[str]
    told_of: frozenset[str]
    left: int
    undelivered: int

    @property
    def is_settled(self) -> bool:
        return self.left == 0 and self.undelivered == 0 and self.notices.keys() >= self.told_of


async def read_cases(urls: Mapping[str, str], cases: Sequence[Case]) -> CaseHoldings:
    """Read the databases of `SERVICES` as their application roles."""
    opened = {name: await asyncpg.connect(urls[name], timeout=10) for name in SERVICES}
    try:
        judicial, dossier = opened["judicial-record"], opened["dossier"]
        ids, both = [case.id for case in cases], (judicial, dossier)
        signed = [*await judicial.fetch(_CERTIFICATES), *await dossier.fetch(_RESULTS)]
        codes = [*await judicial.fetch(_CODES), *await dossier.fetch(_DOSSIER_CODES)]
        certificates = {row["id"] for row in await judicial.fetch(_CERTIFICATE_IDS)}
        dossiers = {case.id for case in cases if case.kind == "dossier"}
        notices = await opened["identity"].fetch(_NOTICES, FINISHED)
        return CaseHoldings(
            payments=[(row[0], row[1]) for one in both for row in await one.fetch(_PAID, ids)],
            postings=sum([await one.fetchval(_POSTINGS, ids) for one in both]),
            balance_vnd=sum([abs(await one.fetchval(_BALANCE)) for one in both]),
            signed=Counter(row["case_id"] for row in signed),
            numbers=Counter([row["number"] for row in signed] + [row["code"] for row in codes]),
            counted=sum([await one.fetchval(_COUNTERS) for one in both]),
            notices=Counter(row[0] for row in notices),
            told_of=frozenset(certificates | dossiers),
            left=sum([await one.fetchval(_LEFT) for one in opened.values()]),
            undelivered=await opened["national-portal-sync"].fetchval(_UNDELIVERED),
        )
    finally:
        for one in opened.values():
            await one.close()


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen from outside: statuses of each case here and rows of progress at the portal, by code."""

    faults: int
    verified: int
    ours: Mapping[str, str]
    portal: Mapping[str, Sequence[tuple[str, str, str]]]
    differences: int


def compare_cases(cases: Sequence[Case], found: CaseHoldings, seen: Seen) -> list[Check]:
    """Compare what was done with what is stored and what the portal has. Pure.

    Rows of the portal are (instant, status, the whole row).
    """
    ids = {case.id for case in cases}
    paid = Counter(case_id for case_id, _ in found.payments)
    owed = sum(case.paid_vnd for case in cases)
    applications = sum(case.kind == "application" for case in cases)
    return [
        Check("answers 500 instead of 503", seen.faults),
        Check("cases without a payment", len(ids - paid.keys())),
        Check("payments counted twice", _repeated(paid) + found.postings - len(found.payments)),
        Check("paid here, against paid there", sum(amount for _, amount in found.payments), owed),
        Check("ledger out of balance (VND)", found.balance_vnd),
        Check("cases without a signed result", len(ids - found.signed.keys())),
        Check("signed twice", _repeated(found.signed)),
        Check("numbers given twice", _repeated(found.numbers)),
        Check("gaps in the numbers", found.counted - len(found.numbers)),
        Check("certificates that verify", seen.verified, applications),
        Check("finished and not notified", len(found.told_of - found.notices.keys())),
        Check("notified twice", _repeated(found.notices)),
        Check("portal without last status", sum(_is_behind(seen, case.code) for case in cases)),
        Check("progress twice or disordered", sum(_is_disordered(seen.portal[one.code]) for one in cases)),
        Check("differences of the day", seen.differences),
        Check("events or deliveries left", found.left + found.undelivered),
    ]


def _is_behind(seen: Seen, code: str) -> bool:
    rows = seen.portal[code]
    return not rows or rows[-1][1] != seen.ours[code]


def _is_disordered(rows: Sequence[tuple[str, str, str]]) -> bool:
    return list(rows) != sorted(rows, key=lambda row: row[0]) or len(set(rows)) != len(rows)


def _repeated(counts: Counter[str]) -> int:
    return sum(count - 1 for count in counts.values())
