"""Create accounts, sign-ins under way, sessions, codes, taken assertions and revoked tokens."""

from alembic import op

revision = "0004_create_sign_ins"
down_revision = "0003_create_clients"


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


STATEMENTS = (
    """
    create table accounts (
        provider text not null,
        account_id text not null,
        citizen_id uuid not null,
        created_at timestamptz not null,
        last_sign_in_at timestamptz not null,
        constraint accounts_pkey primary key (provider, account_id),
        constraint accounts_provider_citizen_id_key unique (provider, citizen_id)
    )
    """,
    """
    create table authorization_requests (
        state_hash bytea constraint authorization_requests_pkey primary key,
        browser_fingerprint bytea not null,
        client_id text not null constraint authorization_requests_client_id_fkey references clients,
        redirect_uri text not null,
        client_state text,
        scopes text[] not null,
        nonce text,
        code_challenge text not null,
        level smallint constraint authorization_requests_level_check check (level in (1, 2)),
        must_be_fresh boolean not null,
        language text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        finished_at timestamptz
    )
    """,
    "create index authorization_requests_expires_at_idx on authorization_requests (expires_at)",
    """
    create table sessions (
        session_id uuid constraint sessions_pkey primary key,
        citizen_id uuid not null,
        client_id text not null constraint sessions_client_id_fkey references clients,
        provider text not null,
        acr text not null,
        auth_time timestamptz not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
    )
    """,
    "create index sessions_citizen_id_idx on sessions (citizen_id)",
    "create index sessions_expires_at_idx on sessions (expires_at)",
    """
    create table authorization_codes (
        code_hash bytea constraint authorization_codes_pkey primary key,
        session_id uuid not null
            constraint authorization_codes_session_id_fkey references sessions on delete cascade,
        client_id text not null,
        redirect_uri text not null,
        code_challenge text not null,
        scope text not null,
        nonce text,
        expires_at timestamptz not null,
        used_at timestamptz,
        token_id text,
        token_expires_at timestamptz,
        constraint authorization_codes_token_check check (token_id is null or used_at is not null)
    )
    """,
    "create index authorization_codes_session_id_idx on authorization_codes (session_id)",
    """
    create table client_assertions (
        client_id text not null,
        assertion_id text not null,
        expires_at timestamptz not null,
        constraint client_assertions_pkey primary key (client_id, assertion_id)
    )
    """,
    "create index client_assertions_expires_at_idx on client_assertions (expires_at)",
    """
    create table revoked_tokens (
        token_id text constraint revoked_tokens_pkey primary key,
        expires_at timestamptz not null,
        revoked_at timestamptz not null,
        reason text not null
    )
    """,
    "create index revoked_tokens_expires_at_idx on revoked_tokens (expires_at)",
)
