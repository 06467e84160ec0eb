"""Create staff accounts and counted attempts; sessions say whom their tokens speak for."""

from alembic import op

revision = "0007_create_staff_accounts"
down_revision = "0006_create_organisations"


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


STATEMENTS = (
    """
    create table staff_accounts (
        username text constraint staff_accounts_pkey primary key,
        citizen_id uuid not null,
        organisation text not null,
        roles text[] not null,
        password_hash text not null,
        totp_secret_ciphertext bytea not null,
        last_totp_step bigint,
        is_active boolean not null default true,
        updated_at timestamptz not null,
        last_sign_in_at timestamptz
    )
    """,
    """
    create table sign_in_attempts (
        key_hash bytea constraint sign_in_attempts_pkey primary key
            constraint sign_in_attempts_key_hash_check check (length(key_hash) = 32),
        failure_count integer not null,
        last_at timestamptz not null,
        blocked_until timestamptz
    )
    """,
    "create index sign_in_attempts_last_at_idx on sign_in_attempts (last_at)",
    """
    alter table authorization_requests
        add column realm text not null default 'vneid'
            constraint authorization_requests_realm_check check (realm in ('vneid', 'staff'))
    """,
    """
    alter table sessions
        add column kind text not null default 'citizen'
            constraint sessions_kind_check check (kind in ('citizen', 'company', 'staff')),
        add column organisation_id uuid,
        add column organisation text,
        add column roles text[] not null default '{citizen}',
        add constraint sessions_organisation_check
            check ((kind = 'citizen') = (organisation is null)
                and (kind = 'company') = (organisation_id is not null))
    """,
)
