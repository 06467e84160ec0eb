"""Tables of payments, as a template: a service's own migration makes them in its own database.

The ledger keeps double entry: every posting's lines add up to nothing, which the database itself holds at
commit, and a line is never changed or taken back, only answered by another posting.
"""

from typing import Protocol


class Operations(Protocol):
    """What is needed of `alembic.op`."""

    def execute(self, statement: str) -> object: ...


STATEMENTS: tuple[str, ...] = (
    """
    create table payments (
        payment_id uuid not null constraint payments_pkey primary key,
        case_id uuid not null,
        kind text not null,
        lookup_code text not null constraint payments_lookup_code_key unique,
        amount_vnd bigint not null constraint payments_amount_vnd_check check (amount_vnd > 0),
        lines json not null,
        state text not null
            constraint payments_state_check
            check (state in ('pending', 'unknown', 'confirmed', 'failed', 'expired', 'mismatched')),
        pay_url text,
        paid_vnd bigint,
        platform_reference text,
        opened_at timestamptz not null,
        expires_at timestamptz not null,
        settled_at timestamptz,
        next_question_at timestamptz,
        questions integer not null default 0
    )
    """,
    """
    create unique index payments_one_open_idx on payments (case_id, kind)
        where state in ('pending', 'unknown')
    """,
    "create index payments_case_id_idx on payments (case_id, opened_at)",
    """
    create index payments_due_question_idx on payments (next_question_at)
        where next_question_at is not null
    """,
    """
    create table payment_notices (
        notice_id uuid not null constraint payment_notices_pkey primary key,
        payment_id uuid constraint payment_notices_payment_id_fkey references payments,
        lookup_code text not null,
        platform_reference text not null,
        amount_vnd bigint not null,
        result text not null,
        outcome text not null,
        received_at timestamptz not null
    )
    """,
    "create index payment_notices_payment_id_idx on payment_notices (payment_id, received_at)",
    """
    create table ledger_entries (
        entry_id bigint generated always as identity constraint ledger_entries_pkey primary key,
        posting_id uuid not null,
        payment_id uuid not null constraint ledger_entries_payment_id_fkey references payments,
        account text not null,
        amount_vnd bigint not null constraint ledger_entries_amount_vnd_check check (amount_vnd <> 0),
        reason text not null,
        posted_at timestamptz not null
    )
    """,
    "create index ledger_entries_posting_id_idx on ledger_entries (posting_id)",
    "create index ledger_entries_payment_id_idx on ledger_entries (payment_id)",
    """
    create function require_balanced_posting() returns trigger
    language plpgsql set search_path = public, pg_temp as $$
    begin
        if (select sum(amount_vnd) from ledger_entries where posting_id = new.posting_id) <> 0 then
            raise exception 'posting % does not balance', new.posting_id
                using errcode = 'check_violation', constraint = 'ledger_entries_balanced_check';
        end if;
        return null;
    end $$
    """,
    """
    create constraint trigger ledger_entries_balanced_check after insert on ledger_entries
        deferrable initially deferred for each row execute function require_balanced_posting()
    """,
    """
    create function refuse_ledger_change() returns trigger language plpgsql as $$
    begin
        raise exception 'a ledger entry is never changed' using errcode = 'restrict_violation';
    end $$
    """,
    """
    create trigger ledger_entries_kept before update or delete on ledger_entries
        for each row execute function refuse_ledger_change()
    """,
)


def create_payment_tables(op: Operations) -> None:
    """Make the tables in the service's own database; called once, in one of its migrations."""
    for statement in STATEMENTS:
        op.execute(statement)
