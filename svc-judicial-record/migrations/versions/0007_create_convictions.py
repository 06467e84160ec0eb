"""Create convictions, the claims that number their versions, coverage, verifications and findings."""

from alembic import op

revision = "0007_create_convictions"
down_revision = "0006_create_certificates"

PARTITIONS = 16


def upgrade() -> None:
    # One row per document of a source: its natural key is a keyed hash (decision 0004).
    op.execute(
        """
        create table conviction_claims (
            key_index bytea constraint conviction_claims_pkey primary key,
            record_id uuid not null constraint conviction_claims_record_id_key unique,
            citizen_id uuid not null,
            version integer not null constraint conviction_claims_version_check check (version >= 1),
            issued_at timestamptz not null,
            content_index bytea not null
        )
        """
    )
    # Rows without their person yet stand under the nil citizen, in one partition.
    op.execute(
        """
        create table conviction_records (
            citizen_id uuid not null,
            record_id uuid not null,
            version integer not null,
            source text not null,
            is_current boolean not null,
            state text not null constraint conviction_records_state_check check
                (state in ('linked', 'waiting', 'insufficient', 'conflict', 'organisation')),
            content bytea not null,
            person_index bytea,
            name_index bytea,
            received_at timestamptz not null,
            attempts integer not null,
            next_attempt_at timestamptz,
            constraint conviction_records_pkey primary key (citizen_id, record_id, version),
            constraint conviction_records_linked_check check
                ((state = 'linked') = (citizen_id <> '00000000-0000-0000-0000-000000000000'))
        ) partition by hash (citizen_id)
        """
    )
    op.execute(
        """
        create table verification_requests (
            citizen_id uuid not null,
            request_id uuid not null,
            application_id uuid not null,
            source text not null,
            reason bytea not null,
            requested_by text not null,
            state text not null constraint verification_requests_state_check check
                (state in ('queued', 'waiting', 'unknown', 'answered')),
            verdict text constraint verification_requests_verdict_check
                check (verdict in ('nothing', 'found')),
            answer bytea,
            asked_at timestamptz not null,
            deadline jsonb not null,
            due_at timestamptz not null,
            attempts integer not null,
            next_attempt_at timestamptz,
            answered_at timestamptz,
            constraint verification_requests_pkey primary key (citizen_id, request_id),
            constraint verification_requests_answered_check check
                ((state = 'answered') = (verdict is not null and answered_at is not null))
        ) partition by hash (citizen_id)
        """
    )
    op.execute(
        """
        create table conviction_findings (
            citizen_id uuid not null,
            finding_id uuid not null,
            application_id uuid not null,
            content bytea not null,
            recorded_by text not null,
            recorded_at timestamptz not null,
            constraint conviction_findings_pkey primary key (citizen_id, finding_id)
        ) partition by hash (citizen_id)
        """
    )
    for table in ("conviction_records", "verification_requests", "conviction_findings"):
        for part in range(PARTITIONS):
            op.execute(
                f"create table {table}_{part} partition of {table}"
                f" for values with (modulus {PARTITIONS}, remainder {part})"
            )
    op.execute(
        "create unique index conviction_records_current_key on conviction_records (citizen_id, record_id)"
        " where is_current"
    )
    op.execute(
        "create index conviction_records_due_idx on conviction_records (citizen_id, next_attempt_at)"
        " where next_attempt_at is not null"
    )
    op.execute(
        "create index verification_requests_due_idx on verification_requests (next_attempt_at)"
        " where next_attempt_at is not null"
    )
    # A source tells its coverage anew; what it told before is kept.
    op.execute(
        """
        create table conviction_coverage (
            source text not null,
            version integer not null,
            entries jsonb not null,
            told_at timestamptz not null,
            constraint conviction_coverage_pkey primary key (source, version)
        )
        """
    )
