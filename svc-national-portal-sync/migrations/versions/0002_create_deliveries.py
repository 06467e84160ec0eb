"""Create the queues to the peers: one per peer and dossier, and what the peer is known to have."""

from alembic import op

revision = "0002_create_deliveries"
down_revision = "0001_create_chassis_tables"


def upgrade() -> None:
    op.execute(
        """
        create table peers (
            peer text constraint peers_pkey primary key,
            failures integer not null default 0 constraint peers_failures_check check (failures >= 0),
            open_until timestamptz,
            last_delivered_at timestamptz,
            last_failed_at timestamptz,
            last_problem text
        )
        """
    )
    # `due_at` is also the lease: whoever takes the queue moves it to the lease's end, so that a crash gives
    # the queue back by itself. It is null while nothing is to be sent (empty, or its head is parked).
    op.execute(
        """
        create table delivery_queues (
            peer text not null,
            dossier_id uuid not null,
            source text not null
                constraint delivery_queues_source_check
                check (source in ('dossier', 'judicial-record', 'webhook')),
            code text,
            latest_version integer not null,
            changed_on date not null,
            due_at timestamptz,
            lease_id uuid,
            is_parked boolean not null default false,
            is_known boolean not null default false,
            told_version integer not null default 0,
            told_steps integer not null default 0,
            told_digest bytea,
            told_on date,
            constraint delivery_queues_pkey primary key (peer, dossier_id)
        )
        """
    )
    op.execute(
        "create index delivery_queues_due_idx on delivery_queues (peer, due_at) where due_at is not null"
    )
    op.execute("create index delivery_queues_changed_on_idx on delivery_queues (peer, changed_on)")
    op.execute("create index delivery_queues_code_idx on delivery_queues (code)")
    op.execute(
        """
        create table deliveries (
            delivery_id uuid constraint deliveries_pkey primary key,
            position bigint generated always as identity,
            peer text not null,
            dossier_id uuid not null,
            event_id uuid not null,
            event_type text not null,
            version integer not null,
            state text not null default 'waiting'
                constraint deliveries_state_check
                check (state in ('waiting', 'sending', 'delivered', 'retrying', 'unknown', 'parked')),
            outcome text
                constraint deliveries_outcome_check
                check (outcome in ('sent', 'found', 'covered', 'unchanged', 'dropped')),
            attempts integer not null default 0,
            refusals integer not null default 0,
            problem text,
            problem_detail text,
            next_attempt_at timestamptz,
            body json,
            traceparent text,
            created_at timestamptz not null,
            first_attempt_at timestamptz,
            settled_at timestamptz,
            constraint deliveries_peer_event_id_key unique (peer, event_id),
            constraint deliveries_settled_check
                check ((state in ('delivered', 'parked')) = (settled_at is not null)),
            constraint deliveries_queue_fkey foreign key (peer, dossier_id)
                references delivery_queues (peer, dossier_id)
        )
        """
    )
    op.execute(
        "create index deliveries_open_idx on deliveries (peer, dossier_id, position)"
        " where state <> 'delivered'"
    )
    op.execute("create index deliveries_state_idx on deliveries (state, peer, delivery_id)")
    op.execute("create index deliveries_settled_idx on deliveries (settled_at) where state = 'delivered'")
    # Each statement of a function sees what was committed before it, so that an event which was queued while
    # we waited for the queue's lock is seen by the last statement; one CTE would miss it and sleep.
    op.execute(
        """
        create function finish_delivery(
            in_delivery uuid, in_lease uuid, in_outcome text, in_covers integer, in_known boolean,
            in_version integer, in_steps integer, in_digest bytea, in_told_on date, in_now timestamptz
        ) returns boolean language plpgsql as $$
        declare
            queue delivery_queues;
        begin
            select q.* into queue from delivery_queues q join deliveries d using (peer, dossier_id)
            where d.delivery_id = in_delivery and q.lease_id = in_lease for update of q;
            if not found then
                return false;
            end if;
            update deliveries set state = 'delivered', settled_at = in_now, next_attempt_at = null,
                problem = null, problem_detail = null,
                outcome = case when delivery_id = in_delivery then in_outcome else 'covered' end
            where peer = queue.peer and dossier_id = queue.dossier_id and state <> 'delivered'
                and (delivery_id = in_delivery or version between 1 and in_covers);
            update delivery_queues set lease_id = null, is_parked = false,
                is_known = coalesce(in_known, is_known), told_version = coalesce(in_version, told_version),
                told_steps = coalesce(in_steps, told_steps), told_digest = coalesce(in_digest, told_digest),
                told_on = coalesce(in_told_on, told_on),
                due_at = case when exists (select from deliveries d where d.peer = queue.peer
                    and d.dossier_id = queue.dossier_id and d.state <> 'delivered') then in_now end
            where peer = queue.peer and dossier_id = queue.dossier_id;
            update peers set failures = 0, open_until = null, last_delivered_at = in_now
            where peer = queue.peer and (failures > 0 or last_delivered_at is null
                or last_delivered_at < in_now - interval '1 second');
            return true;
        end $$
        """
    )
    op.execute(
        """
        create function postpone_delivery(
            in_delivery uuid, in_lease uuid, in_state text, in_next timestamptz, in_problem text,
            in_detail text, in_is_refusal boolean, in_forget boolean, in_now timestamptz
        ) returns boolean language plpgsql as $$
        declare
            queue delivery_queues;
        begin
            select q.* into queue from delivery_queues q join deliveries d using (peer, dossier_id)
            where d.delivery_id = in_delivery and q.lease_id = in_lease for update of q;
            if not found then
                return false;
            end if;
            update deliveries set state = in_state, next_attempt_at = in_next, problem = in_problem,
                problem_detail = in_detail, refusals = refusals + in_is_refusal::integer,
                settled_at = case when in_state = 'parked' then in_now end
            where delivery_id = in_delivery;
            update delivery_queues set lease_id = null, is_parked = in_state = 'parked', due_at = in_next,
                is_known = is_known and not in_forget
            where peer = queue.peer and dossier_id = queue.dossier_id;
            return true;
        end $$
        """
    )
    # A failure while the breaker is open says nothing new, so that a hundred calls under way open it once.
    op.execute(
        """
        create function count_peer_failure(
            in_peer text, in_problem text, in_threshold integer, in_first_seconds float8,
            in_longest_seconds float8, in_now timestamptz
        ) returns void language sql as $$
            update peers set failures = least(failures + 1, 1000000), last_failed_at = in_now,
                last_problem = in_problem,
                open_until = case when failures + 1 >= in_threshold then in_now + make_interval(secs =>
                    least(in_first_seconds * power(2, least(failures + 1 - in_threshold, 20)),
                        in_longest_seconds)) end
            where peer = in_peer and (open_until is null or open_until <= in_now)
        $$
        """
    )
