"""Create procedures: one row per dated version."""

from alembic import op

revision = "0002_create_procedures"
down_revision = "0001_create_chassis_tables"


def upgrade() -> None:
    op.execute(
        """
        create table procedures (
            code text not null constraint procedures_code_check check (code ~ '^[0-9A-Z][0-9A-Z.-]{0,39}$'),
            version integer not null constraint procedures_version_check check (version >= 1),
            valid_from date not null,
            valid_until date,
            name text not null,
            sort_name text collate "C" not null,
            search text not null,
            agency_code text not null,
            field_code text not null,
            document jsonb not null,
            created_at timestamptz not null,
            created_by text not null,
            constraint procedures_pkey primary key (code, version),
            constraint procedures_valid_check check (valid_until is null or valid_until >= valid_from)
        )
        """
    )
    op.execute("create unique index procedures_open_key on procedures (code) where valid_until is null")
    op.execute("create index procedures_sort_name_code_idx on procedures (sort_name, code)")
