"""Add what the population register says of a person, and create organisations and their delegations."""

from alembic import op

revision = "0006_create_organisations"
down_revision = "0005_create_notifications"


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


STATEMENTS = (
    "alter table people add column register_facts_ciphertext bytea, add column register_facts_at timestamptz",
    """
    create table organisations (
        organisation_id uuid constraint organisations_pkey primary key,
        tax_code text not null constraint organisations_tax_code_key unique
            constraint organisations_tax_code_check check (tax_code ~ '^[0-9]{10}([0-9]{2})?(-[0-9]{3})?$'),
        name text not null constraint organisations_name_check check (name <> '' and length(name) <= 255),
        address text,
        representative_citizen_id uuid not null,
        created_at timestamptz not null,
        updated_at timestamptz not null
    )
    """,
    "create index organisations_representative_citizen_id_idx on organisations (representative_citizen_id)",
    """
    create table delegations (
        delegation_id uuid constraint delegations_pkey primary key,
        organisation_id uuid not null
            constraint delegations_organisation_id_fkey references organisations,
        citizen_id uuid not null,
        granted_by_citizen_id uuid not null,
        granted_at timestamptz not null,
        valid_from date not null,
        valid_until date,
        ended_at timestamptz,
        constraint delegations_valid_until_check check (valid_until > valid_from)
    )
    """,
    "create unique index delegations_organisation_id_citizen_id_key"
    " on delegations (organisation_id, citizen_id) where ended_at is null",
    "create index delegations_citizen_id_idx on delegations (citizen_id)",
)
