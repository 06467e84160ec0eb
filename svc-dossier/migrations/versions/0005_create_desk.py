"""Create what officers work with: inbox order, supplement rounds, payment requests, proposals, results."""

from alembic import op

from casework.payments.tables import create_payment_tables
from chassis.http_signatures import create_nonce_table

revision = "0005_create_desk"
down_revision = "0004_create_numbers"


def upgrade() -> None:
    # What the inbox is ordered by: the instant until which somebody waits. Never null, so that pages have a
    # key; a dossier without a day comes last.
    op.execute(
        """
        alter table dossiers add column next_due_at timestamptz not null generated always as (
            coalesce(
                case
                    when status = 1 then intake_due_at
                    when status in (2, 4) then due_at
                    when status in (5, 6) then applicant_due_at
                    when status = 7 then coalesce(due_at, intake_due_at)
                    else finished_at
                end,
                timestamptz '9999-01-01 00:00:00+00'
            )
        ) stored
        """
    )
    op.execute(
        "create index dossiers_inbox_idx on dossiers (agency_code, next_due_at, dossier_id)"
        " where status in (1, 2, 4, 5, 6, 7, 9)"
    )
    op.execute("create index dossiers_timers_idx on dossiers (status, next_due_at, dossier_id)")
    op.execute(
        """
        create table supplement_rounds (
            dossier_id uuid not null constraint supplement_rounds_dossier_id_fkey references dossiers,
            round smallint not null constraint supplement_rounds_round_check check (round >= 1),
            revision smallint not null default 1,
            asked_before_acceptance boolean not null,
            asked_at timestamptz not null,
            asked_by text not null,
            asked_by_organisation text,
            reason text,
            items jsonb not null,
            due_on date not null,
            due_at timestamptz not null,
            deadline jsonb not null,
            extensions smallint not null default 0,
            answered_at timestamptz,
            closed_at timestamptz,
            constraint supplement_rounds_pkey primary key (dossier_id, round)
        )
        """
    )
    op.execute(
        "create unique index supplement_rounds_one_open_idx on supplement_rounds (dossier_id)"
        " where closed_at is null"
    )
    op.execute(
        """
        create table payment_requests (
            dossier_id uuid not null constraint payment_requests_dossier_id_fkey references dossiers,
            number smallint not null,
            asked_before_acceptance boolean not null,
            asked_at timestamptz not null,
            asked_by text not null,
            reason text,
            lines jsonb not null,
            amount_vnd bigint not null
                constraint payment_requests_amount_vnd_check check (amount_vnd > 0),
            due_at timestamptz not null,
            deadline jsonb not null,
            paid_at timestamptz,
            closed_at timestamptz,
            constraint payment_requests_pkey primary key (dossier_id, number)
        )
        """
    )
    op.execute(
        "create unique index payment_requests_one_open_idx on payment_requests (dossier_id)"
        " where closed_at is null"
    )
    op.execute(
        """
        create table inner_requests (
            dossier_id uuid not null constraint inner_requests_dossier_id_fkey references dossiers,
            number smallint not null,
            kind text not null constraint inner_requests_kind_check
                check (kind in ('consultation', 'council', 'inspection')),
            body text not null,
            question text,
            asked_at timestamptz not null,
            asked_by text not null,
            due_at timestamptz not null,
            deadline jsonb not null,
            constraint inner_requests_pkey primary key (dossier_id, number)
        )
        """
    )
    op.execute(
        """
        create table result_proposals (
            dossier_id uuid not null constraint result_proposals_dossier_id_fkey references dossiers,
            number smallint not null,
            kind text not null constraint result_proposals_kind_check check (kind in ('granted', 'refused')),
            proposed_by text not null,
            proposed_at timestamptz not null,
            content bytea not null,
            closed_at timestamptz,
            constraint result_proposals_pkey primary key (dossier_id, number)
        )
        """
    )
    op.execute(
        "create unique index result_proposals_one_open_idx on result_proposals (dossier_id)"
        " where closed_at is null"
    )
    op.execute(
        """
        create table results (
            result_id uuid not null constraint results_pkey primary key,
            dossier_id uuid not null constraint results_dossier_id_fkey references dossiers,
            code text not null constraint results_code_key unique,
            kind text not null constraint results_kind_check
                check (kind in ('granted', 'refused', 'published', 'revocation')),
            state text not null constraint results_state_check
                check (state in ('valid', 'replaced', 'revoked')),
            replaces_id uuid constraint results_replaces_id_fkey references results,
            issued_at timestamptz not null,
            signed_by text not null,
            signer_organisation text not null,
            signature_level text not null,
            content bytea not null,
            document bytea not null,
            sha256 bytea not null constraint results_sha256_check check (length(sha256) = 32)
        )
        """
    )
    op.execute("alter table results alter column document set storage external")
    op.execute("create index results_dossier_id_idx on results (dossier_id, issued_at)")
    op.execute(
        "create unique index results_one_valid_idx on results (dossier_id)"
        " where state = 'valid' and kind <> 'revocation'"
    )
    op.execute(
        """
        create table deadline_marks (
            dossier_id uuid not null constraint deadline_marks_dossier_id_fkey references dossiers,
            kind text not null constraint deadline_marks_kind_check
                check (kind in ('due_soon', 'overdue')),
            due_at timestamptz not null,
            marked_at timestamptz not null,
            constraint deadline_marks_pkey primary key (dossier_id, kind, due_at)
        )
        """
    )
    create_payment_tables(op)
    create_nonce_table(op)
