"""Postings of the fee ledger: whose money, in double entry. Positive is debit, negative credit.

Accounts: `receivable` what payers owe; `fee:<code>` fees charged; `platform` money that the platform holds
for us; `unapplied` money received that settles nothing and is owed back (wrong amount, too late, twice).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from casework.payments.platform import PaymentLine
from chassis.ids import new_id

Posting = Mapping[str, int]


def charged(lines: Sequence[PaymentLine]) -> Posting:
    """Return the posting of a fee that is now owed."""
    posting = {"receivable": sum(line.amount_vnd for line in lines)}
    for line in lines:
        account = f"fee:{line.code}"
        posting[account] = posting.get(account, 0) - line.amount_vnd
    return posting


def uncharged(lines: Sequence[PaymentLine]) -> Posting:
    """Return the posting that takes a charge back, when its intent failed or expired."""
    return {account: -amount for account, amount in charged(lines).items()}


def paid(amount_vnd: int) -> Posting:
    """Return the posting of a payment that settles what is owed."""
    return {"platform": amount_vnd, "receivable": -amount_vnd}


def unapplied(amount_vnd: int) -> Posting:
    """Return the posting of money that settles nothing and is owed back."""
    return {"platform": amount_vnd, "unapplied": -amount_vnd}


async def post(
    db: AsyncSession, payment_id: UUID, reason: str, posting: Posting, *, posted_at: datetime
) -> None:
    """Write a posting in the caller's transaction. The database refuses one that does not balance."""
    posting_id = new_id()
    lines = [
        {
            "posting_id": posting_id,
            "payment_id": payment_id,
            "account": account,
            "amount_vnd": amount,
            "reason": reason,
            "posted_at": posted_at,
        }
        for account, amount in posting.items()
        if amount
    ]
    if lines:
        await db.execute(
            text(
                "insert into ledger_entries (posting_id, payment_id, account, amount_vnd, reason, posted_at)"
                " values (:posting_id, :payment_id, :account, :amount_vnd, :reason, :posted_at)"
            ),
            lines,
        )


async def balances(db: AsyncSession) -> dict[str, int]:
    """Return the sum of each account; together they are nothing."""
    rows = await db.execute(
        text("select account, sum(amount_vnd)::bigint as balance from ledger_entries group by 1 order by 1")
    )
    return {row.account: row.balance for row in rows}
