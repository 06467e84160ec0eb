"""Create clients, the registrations that `migrate` loads."""

from alembic import op

revision = "0003_create_clients"
down_revision = "0002_create_people"


def upgrade() -> None:
    op.execute(
        """
        create table clients (
            client_id text constraint clients_pkey primary key,
            kind text not null constraint clients_kind_check check (kind in ('public', 'system', 'service')),
            name text not null,
            redirect_uris text[] not null,
            scopes text[] not null,
            audiences text[] not null,
            roles text[] not null,
            organisation text,
            jwks jsonb,
            is_active boolean not null default true,
            updated_at timestamptz not null,
            constraint clients_jwks_check check ((kind = 'public') = (jwks is null))
        )
        """
    )
