"""Create what came in as FHIR: resources by compartment, their versions, claims of their keys, answers.

A compartment is one Patient resource of one facility, or what the facility sent of itself; it never changes,
while the citizen behind it may be found later (docs/decisions/0017-fhir-resources.md).
"""

from alembic import op

revision = "0002_create_fhir_resources"
down_revision = "0001_create_visits"

PARTITIONS = 16

RESOURCE_COLUMNS = """
    compartment_id uuid not null,
    resource_type text not null,
    resource_id uuid not null,
    version integer not null,
    facility_code text not null,
    visit_id uuid,
    happened_at timestamptz,
    tokens text[] not null,
    digest bytea not null,
    content bytea not null,
    submission_id uuid not null,
    received_at timestamptz not null
"""

TABLES = (
    # Whose compartment it is; null citizen: identity has not named one yet.
    """
    create table fhir_patients (
        patient_id uuid not null,
        facility_code text not null,
        citizen_id uuid,
        question bytea not null,
        question_index bytea not null,
        state text not null,
        attempts integer not null default 0,
        next_attempt_at timestamptz not null,
        constraint fhir_patients_pkey primary key (patient_id),
        constraint fhir_patients_state_check
            check (state in ('linked', 'waiting', 'insufficient', 'conflict'))
    )
    """,
    "create index fhir_patients_citizen_id_idx on fhir_patients (citizen_id) where citizen_id is not null",
    """
    create index fhir_patients_due_idx on fhir_patients (next_attempt_at)
        where state in ('waiting', 'insufficient')
    """,
    # By what a facility's resource is known again, as keyed hashes: identifiers may be personal numbers.
    """
    create table fhir_claims (
        facility_code text not null,
        resource_type text not null,
        key text not null,
        resource_id uuid not null,
        constraint fhir_claims_pkey primary key (facility_code, resource_type, key)
    )
    """,
    # Where a resource lies: a reading by id then touches one partition.
    """
    create table fhir_addresses (
        resource_id uuid not null,
        resource_type text not null,
        facility_code text not null,
        compartment_id uuid not null,
        constraint fhir_addresses_pkey primary key (resource_id)
    )
    """,
    f"""
    create table fhir_resources (
        {RESOURCE_COLUMNS},
        constraint fhir_resources_pkey primary key (compartment_id, resource_type, resource_id),
        constraint fhir_resources_version_check check (version >= 1)
    ) partition by hash (compartment_id)
    """,
    "create index fhir_resources_facility_idx on fhir_resources (facility_code, resource_type, resource_id)",
    "create index fhir_resources_visit_id_idx on fhir_resources (visit_id) where visit_id is not null",
    f"""
    create table fhir_resource_versions (
        {RESOURCE_COLUMNS},
        constraint fhir_resource_versions_pkey
            primary key (compartment_id, resource_type, resource_id, version)
    ) partition by hash (compartment_id)
    """,
)


def upgrade() -> None:
    connection = op.get_bind()
    for statement in TABLES:
        connection.exec_driver_sql(statement)
    for table in ("fhir_resources", "fhir_resource_versions"):
        for part in range(PARTITIONS):
            connection.exec_driver_sql(
                f"create table {table}_{part} partition of {table}"
                f" for values with (modulus {PARTITIONS}, remainder {part})"
            )
            # Compressed and encrypted by us already.
            connection.exec_driver_sql(
                f"alter table {table}_{part} alter column content set storage external"
            )
