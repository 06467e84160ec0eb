"""Create applications, their steps and supplement rounds (by citizen), and the keys that find them."""

from alembic import op

revision = "0002_create_applications"
down_revision = "0001_create_chassis_tables"

PARTITIONS = 16
STATUSES = (
    "draft",
    "awaiting_payment",
    "submitted",
    "accepted",
    "checking",
    "verifying",
    "awaiting_supplement",
    "proposed",
    "issued",
    "refused",
    "withdrawn",
    "stopped",
)


def upgrade() -> None:
    statuses = ", ".join(f"'{status}'" for status in STATUSES)
    op.execute(
        """
        create table application_keys (
            application_id uuid constraint application_keys_pkey primary key,
            citizen_id uuid not null,
            form smallint not null,
            code text not null constraint application_keys_code_key unique,
            office text not null,
            is_open boolean not null
        )
        """
    )
    # One open application per person and form, held by the database (decision 0004).
    op.execute(
        "create unique index application_keys_open_key on application_keys (citizen_id, form) where is_open"
    )
    op.execute(
        f"""
        create table applications (
            citizen_id uuid not null,
            application_id uuid not null,
            code text not null,
            form smallint not null constraint applications_form_check check (form in (1, 2)),
            purpose_code text,
            delivery text not null
                constraint applications_delivery_check check (delivery in ('electronic', 'post', 'counter')),
            copies smallint not null constraint applications_copies_check check (copies >= 1),
            include_bans boolean not null,
            office text not null,
            holder bytea not null,
            fee bytea not null,
            amount_vnd integer not null
                constraint applications_amount_vnd_check check (amount_vnd >= 0),
            status text not null constraint applications_status_check check (status in ({statuses})),
            national_status smallint not null
                constraint applications_national_status_check check (national_status between 1 and 10),
            version integer not null constraint applications_version_check check (version >= 1),
            reason bytea,
            created_at timestamptz not null,
            submitted_at timestamptz,
            accepted_at timestamptz,
            finished_at timestamptz,
            lane text constraint applications_lane_check check (lane in ('fast', 'slow')),
            look_up bytea,
            limit_code text,
            clock_started_at timestamptz,
            suspensions jsonb not null default '[]',
            deadline jsonb,
            due_at timestamptz,
            waits_until timestamptz,
            overdue_at timestamptz,
            claimed_by text,
            claimed_at timestamptz,
            proposal bytea,
            proposed_by text,
            proposed_at timestamptz,
            decided_by text,
            next_attempt_at timestamptz,
            constraint applications_pkey primary key (citizen_id, application_id),
            constraint applications_four_eyes_check check (
                status <> 'issued'
                or (proposed_by is not null and decided_by is not null and proposed_by <> decided_by)
            )
        ) partition by hash (citizen_id)
        """
    )
    op.execute("create index applications_office_idx on applications (office, status, application_id)")
    # What the worker looks for: few rows at any time.
    op.execute(
        "create index applications_automatic_idx on applications (application_id)"
        " where status in ('submitted', 'accepted')"
    )
    op.execute(
        "create index applications_waits_until_idx on applications (waits_until)"
        " where status in ('awaiting_payment', 'awaiting_supplement')"
    )
    op.execute(
        "create index applications_due_at_idx on applications (due_at)"
        " where overdue_at is null and finished_at is null"
    )
    op.execute(
        """
        create table application_steps (
            citizen_id uuid not null,
            application_id uuid not null,
            sequence integer not null,
            action text not null,
            status text not null,
            national_path smallint[] not null,
            role text not null,
            actor text not null,
            office text not null,
            is_public boolean not null,
            note bytea,
            due_at timestamptz,
            at timestamptz not null,
            constraint application_steps_pkey primary key (citizen_id, application_id, sequence)
        ) partition by hash (citizen_id)
        """
    )
    op.execute(
        """
        create table application_supplements (
            citizen_id uuid not null,
            application_id uuid not null,
            round smallint not null,
            asked_by text not null,
            asked_for bytea not null,
            asked_at timestamptz not null,
            answer bytea,
            answered_at timestamptz,
            due_before_at timestamptz,
            due_after_at timestamptz,
            constraint application_supplements_pkey primary key (citizen_id, application_id, round)
        ) partition by hash (citizen_id)
        """
    )
    for table in ("applications", "application_steps", "application_supplements"):
        for number in range(PARTITIONS):
            op.execute(
                f"create table {table}_{number:02d} partition of {table}"
                f" for values with (modulus {PARTITIONS}, remainder {number})"
            )
