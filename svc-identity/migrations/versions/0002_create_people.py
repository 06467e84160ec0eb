"""Create people, hash-partitioned by citizen, and the claims of their papers.

No foreign key leads to `people`: claims are distributed by their paper, people by citizen (design: the same
schema on several machines), and a key across the two could not be kept there. Both are written in one
transaction.
"""

from alembic import op

revision = "0002_create_people"
down_revision = "0001_create_chassis_tables"

PARTITIONS = 16


def upgrade() -> None:
    op.execute(
        """
        create table people (
            citizen_id uuid not null,
            state text not null constraint people_state_check check (state in ('unconfirmed', 'confirmed')),
            name text not null constraint people_name_check check (name <> '' and length(name) <= 255),
            born_on text constraint people_born_on_check check (born_on ~ '^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$'),
            sex text not null constraint people_sex_check check (sex in ('male', 'female', 'unknown')),
            personal_id_ciphertext bytea,
            language text not null default 'vi'
                constraint people_language_check check (language in ('vi', 'en')),
            version integer not null default 1,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            confirmed_at timestamptz,
            confirmed_by text,
            next_check_at timestamptz,
            check_count smallint not null default 0,
            check_outcome text,
            constraint people_pkey primary key (citizen_id),
            constraint people_confirmed_check check (
                (state = 'confirmed') = (confirmed_at is not null)
                and (confirmed_at is null) = (confirmed_by is null)
            )
        ) partition by hash (citizen_id)
        """
    )
    for number in range(PARTITIONS):
        op.execute(
            f"create table people_{number:02d} partition of people"
            f" for values with (modulus {PARTITIONS}, remainder {number})"
        )
    op.execute("create index people_next_check_at_idx on people (next_check_at) where state = 'unconfirmed'")
    op.execute(
        """
        create table paper_claims (
            kind text not null constraint paper_claims_kind_check check (
                kind in ('personal_id', 'old_id', 'passport', 'identity_certificate', 'insurance_card')
            ),
            blind_index bytea not null
                constraint paper_claims_blind_index_check check (length(blind_index) = 32),
            citizen_id uuid not null,
            claimed_at timestamptz not null,
            constraint paper_claims_pkey primary key (kind, blind_index)
        )
        """
    )
    op.execute("create index paper_claims_citizen_id_idx on paper_claims (citizen_id)")
