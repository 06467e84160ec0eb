"""Create certificates (by citizen) and the register in which anyone's question about one is answered."""

from alembic import op

revision = "0006_create_certificates"
down_revision = "0005_create_signature_nonces"

PARTITIONS = 16


def upgrade() -> None:
    # Unpartitioned: a verifier knows a number or a file and not a citizen (decision 0004).
    op.execute(
        """
        create table certificate_register (
            number text constraint certificate_register_pkey primary key,
            certificate_id uuid not null constraint certificate_register_certificate_id_key unique,
            citizen_id uuid not null,
            application_id uuid not null constraint certificate_register_application_id_key unique,
            form smallint not null constraint certificate_register_form_check check (form in (1, 2)),
            office text not null,
            pdf_sha256 bytea not null constraint certificate_register_pdf_sha256_key unique
                constraint certificate_register_pdf_sha256_check check (length(pdf_sha256) = 32),
            code_index bytea not null,
            shown bytea not null,
            signers text[] not null,
            signature_level text not null
                constraint certificate_register_signature_level_check
                check (signature_level in ('B-T', 'B-B')),
            signed_at timestamptz not null,
            issued_at timestamptz not null,
            state text not null
                constraint certificate_register_state_check
                check (state in ('valid', 'revoked', 'superseded')),
            ended_at timestamptz,
            superseded_by text constraint certificate_register_superseded_by_fkey
                references certificate_register,
            constraint certificate_register_ended_check check ((state = 'valid') = (ended_at is null)),
            constraint certificate_register_superseded_check
                check ((state = 'superseded') = (superseded_by is not null))
        )
        """
    )
    op.execute(
        """
        create table certificates (
            citizen_id uuid not null,
            certificate_id uuid not null,
            application_id uuid not null,
            number text not null,
            pdf bytea not null,
            issued_by text not null,
            ended_by text,
            end_reason bytea,
            constraint certificates_pkey primary key (citizen_id, certificate_id)
        ) partition by hash (citizen_id)
        """
    )
    for number in range(PARTITIONS):
        op.execute(
            f"create table certificates_{number:02d} partition of certificates"
            f" for values with (modulus {PARTITIONS}, remainder {number})"
        )
    op.execute("create index certificates_application_id_idx on certificates (citizen_id, application_id)")
