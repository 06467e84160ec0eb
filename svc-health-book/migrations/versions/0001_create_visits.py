"""Create the book: submissions, claims, visits with their versions, visits that wait for their person, links.

Every table that belongs to a citizen starts its key with `citizen_id` and is partitioned by its hash; what
must be unique across citizens is held by the small unpartitioned claim table
(docs/decisions/0004-claim-tables.md).
"""

from alembic import op

from chassis.migrations import create_chassis_tables

revision = "0001_create_visits"
down_revision = None

PARTITIONS = 16

VISIT_COLUMNS = """
    citizen_id uuid not null,
    visit_id uuid not null,
    version integer not null,
    facility_code text not null,
    facility_visit_code text not null,
    is_closed boolean not null,
    started_at timestamptz not null,
    ended_at timestamptz,
    condition_code text,
    condition_text text,
    overview jsonb not null,
    document jsonb not null,
    patient bytea not null,
    sealed bytea,
    digest bytea not null,
    submission_id uuid not null,
    received_at timestamptz not null
"""

TABLES = (
    # Facilities' files: kept as sent, encrypted and compressed, found again by content.
    """
    create table submissions (
        facility_code text not null,
        submission_id uuid not null,
        sha256 bytea not null,
        received_at timestamptz not null,
        client_id text not null,
        size_bytes integer not null,
        media_type text not null,
        original bytea not null,
        receipt jsonb,
        constraint submissions_pkey primary key (facility_code, submission_id),
        constraint submissions_facility_code_sha256_key unique (facility_code, sha256),
        constraint submissions_sha256_check check (octet_length(sha256) = 32)
    ) partition by hash (facility_code)
    """,
    # One visit per (facility, the facility's visit code), whoever's it is; null citizen: it waits for its
    # person.
    """
    create table visit_claims (
        facility_code text not null,
        facility_visit_code text not null,
        visit_id uuid not null,
        citizen_id uuid,
        version integer not null,
        digest bytea not null,
        is_closed boolean not null,
        constraint visit_claims_pkey primary key (facility_code, facility_visit_code),
        constraint visit_claims_visit_id_key unique (visit_id),
        constraint visit_claims_version_check check (version >= 1),
        constraint visit_claims_digest_check check (octet_length(digest) = 32)
    )
    """,
    f"""
    create table visits (
        {VISIT_COLUMNS},
        constraint visits_pkey primary key (citizen_id, visit_id),
        constraint visits_version_check check (version >= 1),
        constraint visits_ended_at_check check (ended_at >= started_at)
    ) partition by hash (citizen_id)
    """,
    "create index visits_latest_idx on visits (citizen_id, started_at desc, visit_id desc)",
    f"""
    create table visit_versions (
        {VISIT_COLUMNS},
        constraint visit_versions_pkey primary key (citizen_id, visit_id, version)
    ) partition by hash (citizen_id)
    """,
    f"""
    create table unlinked_visits (
        {VISIT_COLUMNS.replace("citizen_id uuid not null,", "")},
        question bytea not null,
        question_index bytea not null,
        state text not null,
        attempts integer not null default 0,
        next_attempt_at timestamptz not null,
        constraint unlinked_visits_pkey primary key (visit_id, version),
        constraint unlinked_visits_state_check
            check (state in ('waiting', 'insufficient', 'conflict', 'overtaken'))
    )
    """,
    """
    create index unlinked_visits_due_idx on unlinked_visits (next_attempt_at)
        where state in ('waiting', 'insufficient')
    """,
    # What identity answered, by keyed hash of what it was asked.
    """
    create table person_links (
        question_index bytea not null,
        citizen_id uuid not null,
        linked_at timestamptz not null,
        constraint person_links_pkey primary key (question_index)
    )
    """,
)

# Puts a version into a citizen's book. An existing current version moves to the history; so do versions that
# waited for the person. The caller holds the claim's lock.
PLACE_VISIT = """
create function place_visit(_citizen_id uuid, _new unlinked_visits) returns boolean
language plpgsql set search_path = public, pg_temp as $$
declare
    is_first boolean;
begin
    insert into visit_versions
        select * from visits v where v.citizen_id = _citizen_id and v.visit_id = _new.visit_id;
    is_first := not found;
    delete from visits v where not is_first and v.citizen_id = _citizen_id and v.visit_id = _new.visit_id;
    insert into visits values (
        _citizen_id, _new.visit_id, _new.version, _new.facility_code, _new.facility_visit_code,
        _new.is_closed, _new.started_at, _new.ended_at, _new.condition_code, _new.condition_text,
        _new.overview, _new.document, _new.patient, _new.sealed, _new.digest, _new.submission_id,
        _new.received_at);
    if _new.version > 1 then
        with waited as (
            delete from unlinked_visits u where u.visit_id = _new.visit_id and u.version < _new.version
            returning u.*)
        insert into visit_versions
            select _citizen_id, w.visit_id, w.version, w.facility_code, w.facility_visit_code, w.is_closed,
                w.started_at, w.ended_at, w.condition_code, w.condition_text, w.overview, w.document,
                w.patient, w.sealed, w.digest, w.submission_id, w.received_at
            from waited w;
    end if;
    return is_first;
end $$
"""

# Takes one version of a visit, whole or not at all. `_new.version` is ignored; the claim decides.
# Outcomes: recorded, superseded, unchanged, unlinked, other_person (nothing is kept).
RECORD_VISIT = """
create function record_visit(
    _citizen_id uuid,
    _visit_id uuid,
    _facility_code text,
    _facility_visit_code text,
    _is_closed boolean,
    _started_at timestamptz,
    _ended_at timestamptz,
    _condition_code text,
    _condition_text text,
    _overview jsonb,
    _document jsonb,
    _patient bytea,
    _sealed bytea,
    _digest bytea,
    _submission_id uuid,
    _received_at timestamptz,
    _question bytea,
    _question_index bytea,
    _state text,
    out visit_id uuid,
    out version integer,
    out outcome text,
    out citizen_id uuid,
    out is_first boolean
)
language plpgsql set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    claim visit_claims;
    fresh unlinked_visits;
    facts jsonb;
begin
    visit_id := _visit_id;
    version := 1;
    is_first := false;
    insert into visit_claims values
        (_facility_code, _facility_visit_code, _visit_id, _citizen_id, 1, _digest, _is_closed)
        on conflict do nothing;
    if found then
        citizen_id := _citizen_id;
        outcome := 'recorded';
    else
        select * into strict claim from visit_claims c
            where c.facility_code = _facility_code and c.facility_visit_code = _facility_visit_code
            for update;
        visit_id := claim.visit_id;
        version := claim.version;
        citizen_id := claim.citizen_id;
        -- The same content again, or a check-in that arrives after the finished visit, changes nothing.
        if claim.digest = _digest or (claim.is_closed and not _is_closed) then
            outcome := 'unchanged';
            return;
        end if;
        if claim.citizen_id <> _citizen_id then
            outcome := 'other_person';
            return;
        end if;
        version := claim.version + 1;
        outcome := 'superseded';
        citizen_id := coalesce(claim.citizen_id, _citizen_id);
        update visit_claims c
            set version = claim.version + 1, digest = _digest, is_closed = _is_closed,
                citizen_id = coalesce(claim.citizen_id, _citizen_id)
            where c.facility_code = _facility_code and c.facility_visit_code = _facility_visit_code;
    end if;
    facts := jsonb_build_object('id', visit_id, 'version', version, 'received_at', _received_at);
    fresh := row(
        visit_id, version, _facility_code, _facility_visit_code, _is_closed, _started_at, _ended_at,
        _condition_code, _condition_text, _overview || facts, _document || facts, _patient, _sealed, _digest,
        _submission_id, _received_at, _question, _question_index, _state, 0, _received_at)::unlinked_visits;
    if _citizen_id is null then
        outcome := 'unlinked';
        update unlinked_visits u set state = 'overtaken' where u.visit_id = fresh.visit_id;
        insert into unlinked_visits select fresh.*;
    else
        is_first := place_visit(_citizen_id, fresh);
    end if;
end $$
"""

# Joins a waiting version with the person that identity has named since. Answers linked, overtaken or
# other_person.
LINK_VISIT = """
create function link_visit(
    _visit_id uuid, _version integer, _citizen_id uuid, out outcome text, out facility_code text, out is_first
    boolean
)
language plpgsql set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
    claim visit_claims;
    fresh unlinked_visits;
begin
    is_first := false;
    select * into claim from visit_claims c where c.visit_id = _visit_id for update;
    delete from unlinked_visits u
        where u.visit_id = _visit_id and u.version = _version and u.state <> 'overtaken'
          and (claim.citizen_id is null or claim.citizen_id = _citizen_id)
        returning u.* into fresh;
    if not found then
        update unlinked_visits u set state = 'conflict'
            where u.visit_id = _visit_id and u.version = _version and u.state <> 'overtaken';
        outcome := case when found then 'other_person' else 'overtaken' end;
        return;
    end if;
    facility_code := fresh.facility_code;
    is_first := place_visit(_citizen_id, fresh);
    update visit_claims c set citizen_id = _citizen_id where c.visit_id = _visit_id;
    outcome := 'linked';
end $$
"""


def upgrade() -> None:
    create_chassis_tables(op)
    connection = op.get_bind()
    for statement in TABLES:
        connection.exec_driver_sql(statement)
    for table in ("submissions", "visits", "visit_versions"):
        for part in range(PARTITIONS):
            connection.exec_driver_sql(
                f"create table {table}_{part} partition of {table}"
                f" for values with (modulus {PARTITIONS}, remainder {part})"
            )
            if table == "submissions":
                # Already compressed by us, in vain to try again.
                connection.exec_driver_sql(
                    f"alter table {table}_{part} alter column original set storage external"
                )
    for function in (PLACE_VISIT, RECORD_VISIT, LINK_VISIT):
        connection.exec_driver_sql(function)
