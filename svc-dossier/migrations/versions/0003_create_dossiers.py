"""Create dossiers, their history, slips, ratings and attachments."""

from alembic import op

revision = "0003_create_dossiers"
down_revision = "0002_create_procedures"


def upgrade() -> None:
    op.execute(
        """
        create table dossiers (
            dossier_id uuid not null,
            version integer not null default 1 constraint dossiers_version_check check (version >= 1),
            code text,
            procedure_code text not null,
            procedure_version integer not null,
            agency_code text not null,
            channel text not null constraint dossiers_channel_check
                check (channel in ('online', 'counter', 'post')),
            status smallint not null default 0
                constraint dossiers_status_check check (status between 0 and 10),
            status_before smallint constraint dossiers_status_before_check
                check ((status = 7) = (status_before is not null)),
            status_reason text,
            owner_kind text not null
                constraint dossiers_owner_kind_check check (owner_kind in ('citizen', 'company')),
            owner_id uuid not null,
            owner_organisation text,
            acting_citizen_id uuid,
            parties bytea,
            form bytea not null,
            pin bytea,
            pin_index bytea,
            previous_dossier_id uuid constraint dossiers_previous_dossier_id_fkey references dossiers,
            peer text,
            external_code text,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            submitted_at timestamptz,
            intake_due_at timestamptz,
            accepted_at timestamptz,
            due_on date,
            due_at timestamptz,
            deadline jsonb,
            applicant_due_at timestamptz,
            finished_at timestamptz,
            returned_at timestamptz,
            supplement_round smallint not null default 0,
            assigned_to uuid,
            constraint dossiers_pkey primary key (dossier_id),
            constraint dossiers_code_key unique (code),
            constraint dossiers_peer_external_code_key unique (peer, external_code),
            constraint dossiers_procedure_fkey foreign key (procedure_code, procedure_version)
                references procedures (code, version),
            constraint dossiers_filed_check check (status = 0 or (
                code is not null and submitted_at is not null and parties is not null
                and pin is not null and pin_index is not null
            )),
            constraint dossiers_peer_check check ((peer is null) = (external_code is null))
        )
        """
    )
    op.execute("create index dossiers_owner_idx on dossiers (owner_id, owner_kind, dossier_id)")
    op.execute("create index dossiers_agency_idx on dossiers (agency_code, status, due_at, dossier_id)")
    op.execute("create index dossiers_due_at_idx on dossiers (due_at) where status in (2, 4)")
    op.execute(
        "create index dossiers_applicant_due_at_idx on dossiers (applicant_due_at) where status in (5, 6)"
    )
    op.execute(
        """
        create table dossier_history (
            dossier_id uuid not null
                constraint dossier_history_dossier_id_fkey references dossiers,
            version integer not null,
            transition_id text not null,
            action text not null,
            from_status smallint not null,
            to_status smallint not null,
            is_automatic boolean not null,
            actor_kind text not null,
            actor_subject text not null,
            acting_subject text,
            actor_role text,
            actor_organisation text,
            note text,
            details jsonb,
            at timestamptz not null,
            recorded_at timestamptz not null,
            constraint dossier_history_pkey primary key (dossier_id, version)
        )
        """
    )
    op.execute(
        """
        create table dossier_slips (
            dossier_id uuid not null constraint dossier_slips_dossier_id_fkey references dossiers,
            kind text not null,
            number smallint not null,
            content bytea not null,
            issued_at timestamptz not null,
            constraint dossier_slips_pkey primary key (dossier_id, kind, number)
        )
        """
    )
    op.execute(
        """
        create table dossier_ratings (
            dossier_id uuid not null constraint dossier_ratings_dossier_id_fkey references dossiers,
            score smallint not null constraint dossier_ratings_score_check check (score between 1 and 5),
            comment bytea,
            rated_at timestamptz not null,
            constraint dossier_ratings_pkey primary key (dossier_id)
        )
        """
    )
    op.execute(
        """
        create table attachments (
            attachment_id uuid not null,
            dossier_id uuid not null constraint attachments_dossier_id_fkey references dossiers,
            slot text not null,
            round smallint not null,
            name bytea not null,
            media_type text not null,
            size_bytes integer not null constraint attachments_size_bytes_check check (size_bytes > 0),
            sha256 bytea not null constraint attachments_sha256_check check (length(sha256) = 32),
            content bytea not null,
            origin text not null constraint attachments_origin_check
                check (origin in ('uploaded', 'document_store', 'desk', 'portal')),
            document_id uuid,
            added_at timestamptz not null,
            replaced_at timestamptz,
            constraint attachments_pkey primary key (attachment_id)
        )
        """
    )
    op.execute("alter table attachments alter column content set storage external")
    op.execute(
        "create unique index attachments_dossier_id_slot_key on attachments (dossier_id, slot)"
        " where replaced_at is null"
    )
