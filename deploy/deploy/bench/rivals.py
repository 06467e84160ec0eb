"""The database alone, as the limit of what a service on it can reach: raw asyncpg, and pgbench.

Both do the same work in the database of the health book: for writing a person, a visit, five lines and an
outbox row in one statement and one commit; for reading a page of one person's visits out of the real table.
What is written goes into a schema of its own, dropped at the end.
"""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import uuid_utils

from deploy.local.placement import programs_for, server_user

CLIENTS = 16

_SCHEMA = """
drop schema if exists bench cascade;
create schema bench;
create table bench.people (number bytea primary key, citizen_id uuid not null);
create table bench.visits (
    citizen_id uuid, visit_id uuid, code text not null unique, started_at timestamptz not null,
    document jsonb not null, primary key (citizen_id, visit_id)
);
create table bench.lines (
    citizen_id uuid, visit_id uuid, number smallint, document jsonb not null,
    primary key (citizen_id, visit_id, number)
);
create table bench.outbox (event_id uuid primary key, lane smallint not null, payload jsonb not null);
create table bench.readers (position integer primary key, citizen_id uuid not null);
"""


def _write(*, number: str, new_id: str, code: str) -> str:
    """Return the statement that writes one visit, with these expressions for what differs each time."""
    return f"""
    with person as (
        insert into bench.people values (sha256({number}), {new_id})
        on conflict (number) do update set number = excluded.number returning citizen_id
    ), visit as (
        insert into bench.visits
        select citizen_id, {new_id}, {code}, now(), jsonb_build_object('diagnosis', 'I10') from person
        returning citizen_id, visit_id
    ), lines as (
        insert into bench.lines
        select citizen_id, visit_id, line, jsonb_build_object('name', 'Glucose', 'value', '7.4')
        from visit, generate_series(1, 5) line
    )
    insert into bench.outbox select visit_id, 1, jsonb_build_object('state', 'recorded') from visit
    """  # noqa: S608 - expressions of this file


_READ = """
select coalesce(json_agg(overview order by started_at desc, visit_id desc), '[]')::text from (
    select overview, started_at, visit_id from visits where citizen_id = {citizen}
    order by started_at desc, visit_id desc limit 20
) page
"""


@contextmanager
def scratch(owner_url: str, readers: Sequence[UUID]) -> Any:  # a context manager without a value
    """Make the schema and drop it again."""

    async def run(statements: str, fill: bool) -> None:
        connection = await asyncpg.connect(owner_url)
        try:
            await connection.execute(statements)
            if fill:
                rows = list(enumerate(readers))
                await connection.copy_records_to_table("readers", records=rows, schema_name="bench")
        finally:
            await connection.close()

    asyncio.run(run(_SCHEMA, fill=True))
    try:
        yield
    finally:
        asyncio.run(run("drop schema bench cascade", fill=False))


def asyncpg_writes(url: str, seconds: int) -> float:
    """Return commits per second of raw asyncpg on 16 connections, the statement prepared."""
    statement = _write(number="$1::bytea", new_id="$2::uuid", code="$3::text")

    async def once(connection: Any) -> None:  # asyncpg's connection
        unique = UUID(bytes=uuid_utils.uuid7().bytes)
        await connection.execute(statement, unique.bytes[-4:], unique, str(unique))

    return asyncio.run(_repeat(url, once, seconds))


def asyncpg_reads(url: str, readers: Sequence[UUID], seconds: int) -> float:
    """Return pages of 20 visits per second of raw asyncpg on 16 connections."""
    statement = _READ.format(citizen="$1::uuid")
    turn = 0

    async def once(connection: Any) -> None:  # asyncpg's connection
        nonlocal turn
        turn += 1
        await connection.fetchval(statement, readers[turn % len(readers)])

    return asyncio.run(_repeat(url, once, seconds))


async def _repeat(url: str, once: Any, seconds: int) -> float:  # once: a coroutine function of a connection
    connections = await asyncio.gather(*(asyncpg.connect(url) for _ in range(CLIENTS)))
    end = time.monotonic() + seconds
    done = 0

    async def client(connection: Any) -> None:  # asyncpg's connection
        nonlocal done
        while time.monotonic() < end:
            await once(connection)
            done += 1

    began = time.monotonic()
    await asyncio.gather(*(client(connection) for connection in connections))
    elapsed = time.monotonic() - began
    await asyncio.gather(*(connection.close() for connection in connections))
    return done / elapsed


def pgbench_writes(url: str, seconds: int, folder: Path) -> float | None:
    """Return transactions per second of pgbench doing the same insert."""
    statement = _write(number="int8send(:number)", new_id="gen_random_uuid()", code="gen_random_uuid()::text")
    script = f"\\set number random(1, 1000000000)\n{' '.join(statement.split())};\n"
    return _pgbench(url, script, seconds, folder)


def pgbench_reads(url: str, readers: int, seconds: int, folder: Path) -> float | None:
    """Return transactions per second of pgbench reading the same pages."""
    chosen = "(select citizen_id from bench.readers where position = :position)"
    statement = " ".join(_READ.format(citizen=chosen).split())
    return _pgbench(url, f"\\set position random(0, {readers - 1})\n{statement};\n", seconds, folder)


def _pgbench(url: str, script: str, seconds: int, folder: Path) -> float | None:
    program = programs_for(server_user()) / "bin" / "pgbench"
    if not program.exists():
        return None
    file = folder / "pgbench.sql"
    file.write_text(script)
    address = urlsplit(url)
    environment = os.environ | {"PGPASSWORD": address.password or ""}
    command = [
        str(program), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(seconds),
        "-f", str(file), "-h", address.hostname or "127.0.0.1", "-p", str(address.port or 5432),
        "-U", address.username or "", address.path.lstrip("/"),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=seconds + 60)
    found = re.search(r"tps = ([0-9.]+)", ran.stdout)
    if ran.returncode != 0 or found is None:
        raise RuntimeError(f"pgbench failed: {ran.stderr[-500:]}")
    return float(found[1])
