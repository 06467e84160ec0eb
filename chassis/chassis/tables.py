"""The chassis' own tables, as each service's first migration makes them in its own database.

Tables that grow with traffic are partitioned by day and dropped by partition. The application role owns
nothing and has no DDL; partitions are made and dropped by two functions that run with the rights of their
owner, the migrator. Rejected: letting the worker log in as the migrator, which would give it all DDL.
"""

STATEMENTS: tuple[str, ...] = (
    # Positions come from a sequence of its own and not an identity column: partitions before PostgreSQL 17
    # have no identity.
    "create sequence outbox_position_seq as bigint",
    """
    create table outbox (
        position bigint not null default nextval('outbox_position_seq'),
        event_id uuid not null,
        lane smallint not null constraint outbox_lane_check check (lane between 0 and 15),
        aggregate_id text not null,
        event_type text not null,
        source text not null,
        occurred_at timestamptz not null,
        traceparent text,
        data json not null,
        published_at timestamptz,
        stream_sequence bigint,
        constraint outbox_pkey primary key (occurred_at, position)
    ) partition by range (occurred_at)
    """,
    "create index outbox_unpublished_idx on outbox (position) where published_at is null",
    """
    create table relay_state (
        stream text constraint relay_state_pkey primary key,
        created_at timestamptz not null,
        last_sequence bigint not null,
        generation bigint not null default 1,
        is_rewinding boolean not null default false
    )
    """,
    # The instant is the event's own, not that of arrival, so that the same event always meets the same key.
    """
    create table inbox (
        consumer text not null,
        event_id uuid not null,
        occurred_at timestamptz not null,
        received_at timestamptz not null default now(),
        constraint inbox_pkey primary key (occurred_at, consumer, event_id)
    ) partition by range (occurred_at)
    """,
    """
    create table inbox_failures (
        id bigint generated always as identity constraint inbox_failures_pkey primary key,
        consumer text not null,
        aggregate_id text not null,
        event_id uuid not null,
        attempts integer not null,
        next_attempt_at timestamptz,
        state text not null
            constraint inbox_failures_state_check
            check (state in ('waiting', 'retrying', 'dead', 'replayed')),
        reason text not null,
        envelope json not null,
        failed_at timestamptz not null default now(),
        constraint inbox_failures_consumer_event_id_key unique (consumer, event_id)
    )
    """,
    """
    create index inbox_failures_open_idx on inbox_failures (consumer, aggregate_id, id)
        where state <> 'replayed'
    """,
    """
    create table idempotency_keys (
        key_hash bytea not null,
        request_hash bytea not null,
        status smallint not null,
        headers json not null,
        body bytea not null,
        created_at timestamptz not null,
        constraint idempotency_keys_pkey primary key (key_hash, created_at)
    ) partition by range (created_at)
    """,
    """
    create table access_entries (
        citizen_id uuid not null,
        id uuid not null,
        occurred_at timestamptz not null,
        actor_kind text not null,
        actor_subject text not null,
        actor_role text,
        actor_organisation text,
        purpose text not null,
        legal_ground text not null,
        sections text[] not null,
        outcome text not null
            constraint access_entries_outcome_check check (outcome in ('allowed', 'refused')),
        reason text,
        resource text not null,
        trace_id text,
        constraint access_entries_pkey primary key (citizen_id, id)
    ) partition by hash (citizen_id)
    """,
    *(
        f"create table access_entries_{part} partition of access_entries"
        f" for values with (modulus 16, remainder {part})"
        for part in range(16)
    ),
    # One day of one table: made apart and attached, because ATTACH lets readers and writers go on. Rows that
    # fell into the default partition while the day was missing are moved first.
    """
    create function add_day_partition(parent text, column_name text, day date) returns boolean
    language plpgsql set search_path = public, pg_temp as $$
    declare
        part text := parent || '_' || to_char(day, 'YYYYMMDD');
        lower_bound timestamptz := day::timestamp at time zone 'UTC';
        upper_bound timestamptz := (day + 1)::timestamp at time zone 'UTC';
    begin
        if to_regclass(quote_ident(part)) is not null then
            return false;
        end if;
        execute format('create table %I (like %I including defaults including constraints)', part, parent);
        execute format(
            'with moved as (delete from %I where %I >= $1 and %I < $2 returning *)'
            ' insert into %I select * from moved',
            parent || '_default', column_name, column_name, part) using lower_bound, upper_bound;
        execute format('alter table %I attach partition %I for values from (%L) to (%L)',
            parent, part, lower_bound, upper_bound);
        return true;
    end $$
    """,
    # The parent is locked first, as readers do, so that nobody waits in a circle; a busy table is left for
    # the next time by the lock timeout.
    """
    create function drop_day_partitions(parent text, before date, keep_unpublished boolean) returns integer
    language plpgsql set search_path = public, pg_temp as $$
    declare
        part text;
        is_needed boolean;
        dropped integer := 0;
    begin
        for part in
            select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
            where i.inhparent = parent::regclass and c.relname ~ ('^' || parent || '_[0-9]{8}$')
              and right(c.relname, 8) < to_char(before, 'YYYYMMDD')
            order by c.relname
        loop
            execute format('lock table %I in access exclusive mode', parent);
            is_needed := false;
            if keep_unpublished then
                execute format('select exists (select from %I where published_at is null)', part)
                    into is_needed;
            end if;
            if not is_needed then
                execute format('drop table %I', part);
                dropped := dropped + 1;
            end if;
        end loop;
        return dropped;
    end $$
    """,
    """
    create function make_partitions(today date, days_ahead integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
    declare
        made integer := 0;
        day date;
    begin
        for day in select today + n from generate_series(-1, days_ahead) n loop
            made := made + add_day_partition('outbox', 'occurred_at', day)::integer;
            made := made + add_day_partition('inbox', 'occurred_at', day)::integer;
            made := made + add_day_partition('idempotency_keys', 'created_at', day)::integer;
        end loop;
        return made;
    end $$
    """,
    """
    create function drop_old_partitions(today date) returns integer
    language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
    declare
        dropped integer := 0;
    begin
        dropped := dropped + drop_day_partitions('outbox', today - 30, true);
        dropped := dropped + drop_day_partitions('inbox', today - 35, false);
        dropped := dropped + drop_day_partitions('idempotency_keys', today - 1, false);
        delete from inbox_default where occurred_at < (today - 35)::timestamp at time zone 'UTC';
        delete from inbox_failures where state = 'replayed'
            and failed_at < (today - 35)::timestamp at time zone 'UTC';
        return dropped;
    end $$
    """,
    "create table outbox_default partition of outbox default",
    "create table inbox_default partition of inbox default",
    "create table idempotency_keys_default partition of idempotency_keys default",
    "select make_partitions((now() at time zone 'UTC')::date, 7)",
)
