"""`lienthong`: the command line of the running stack of this clone.

Each command imports what it needs by itself: a script that asks for a token should not wait for a database
driver.
"""

import asyncio
import time
from typing import Annotated
from uuid import UUID

import typer

from deploy.cli.output import AsJson, refusals, say_json, say_table
from deploy.cli.stack import RunningStack, services_named

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="The running stack of this clone.",
)
dead = typer.Typer(no_args_is_help=True, help="Events that a consumer gave up on.")
app.add_typer(dead, name="dead-letters")

Service = Annotated[str | None, typer.Option("--service", help="Only this service.")]


@app.command()
def token(
    name: Annotated[str, typer.Option("--as", help="The persona to sign in as; see `personas`.")],
    level: Annotated[
        int | None, typer.Option(min=1, max=2, help="Assurance level; default: the persona's own.")
    ] = None,
    acting_for: Annotated[str | None, typer.Option("--for", help="The child or company to act for.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="Only these scopes; default: all it may have.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign a persona in through the real flow and print the bearer token, nothing else."""
    from deploy.cli.tokens import token_for

    scopes = tuple(word for given in scope for word in given.split()) if scope else None
    with refusals():
        stack = RunningStack.of_this_clone()
        found = token_for(stack, name, level=level, acting_for=acting_for, scopes=scopes)
    if as_json:
        say_json({"access_token": found, "token_type": "Bearer"})
    else:
        typer.echo(found)


@app.command()
def sign(
    name: Annotated[str, typer.Option("--as", help="The client to sign as: `var/clients/NAME.jwk`.")],
    method: Annotated[str, typer.Argument(help="POST, PUT, …")],
    target: Annotated[str, typer.Argument(help="Path at the gateway, or whole address.")],
    body: Annotated[
        typer.FileBinaryRead | None, typer.Option("--body", help="File with the body; `-`: standard input.")
    ] = None,
    content_type: Annotated[str, typer.Option(help="Type of the body.")] = "application/json",
    as_json: AsJson = False,
) -> None:
    """Print the headers that sign a request by RFC 9421, one a line, for `curl -H @FILE`.

    They are good for one attempt within five minutes, sent with the very same bytes.
    """
    from deploy.cli.signing import signed_headers

    with refusals():
        content = body.read() if body else b""
        stack = RunningStack.of_this_clone()
        headers = signed_headers(stack, name, method, target, content, content_type)
    if as_json:
        say_json(headers)
    else:
        for field, value in headers.items():
            typer.echo(f"{field}: {value}")


@app.command()
def personas(as_json: AsJson = False) -> None:
    """List everybody to act as, with the sandbox's passwords and one-time codes."""
    from deploy.cli import persons

    found = persons.everybody(time.time())
    if as_json:
        say_json(found)
        return
    columns = ("name", "kind", "who", "personal_id", "level", "password", "one_time_code")
    say_table(columns, ([person[column] for column in columns] for person in found))
    typer.secho("\nStaff, at identity's own page (the accounts above are VNeID's):", bold=True)
    at_work = ("username", "organisation", "roles", "password", "one_time_code")
    say_table(at_work, ([one[column] for column in at_work] for one in persons.staff(time.time())))
    typer.echo(f"One-time codes change in {persons.seconds_left(time.time())} s.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Show every process with its address and state; exit code 1 unless all are ready."""
    from deploy.cli import state

    found = state.current(RunningStack.of_this_clone())
    if as_json:
        say_json(found)
    else:
        columns = ("name", "address", "state", "pid", "restarts", "log")
        say_table(
            columns,
            ([entry[column] for column in columns] for entry in found["processes"]),
            empty="not running",
        )
    if not found["ready"]:
        raise typer.Exit(1)


@app.command()
def outbox(service: Service = None, as_json: AsJson = False) -> None:
    """Show what each service has still to publish: how much, how old, on which lanes."""
    from deploy.cli import operations

    with refusals():
        found = asyncio.run(operations.outbox_states(RunningStack.of_this_clone(), services_named(service)))
    if as_json:
        say_json([{field: getattr(one, field) for field in one.__slots__} for one in found])
        return
    rows = ([one.service, one.unpublished, one.oldest_seconds, _lanes(one.lanes)] for one in found)
    say_table(("service", "unpublished", "oldest (s)", "lanes"), rows)


@app.command()
def migrate(service: Service = None, as_json: AsJson = False) -> None:
    """Bring databases, streams and consumers up to this code."""
    from deploy.cli import state

    with refusals():
        done = state.migrate(RunningStack.of_this_clone(), services_named(service))
    if as_json:
        say_json({"migrated": done})
    else:
        typer.echo(f"migrated: {', '.join(done)}")


@dead.command("list")
def list_dead(service: Service = None, as_json: AsJson = False) -> None:
    """List the events given up on, with their reasons."""
    from deploy.cli import operations

    with refusals():
        found = asyncio.run(
            operations.list_dead_letters(RunningStack.of_this_clone(), services_named(service))
        )
    if as_json:
        say_json(found)
        return
    columns = (
        "service",
        "consumer",
        "event_id",
        "event_type",
        "attempts",
        "waiting_count",
        "failed_at",
        "reason",
    )
    say_table(columns, ([letter[column] for column in columns] for letter in found), empty="no dead letters")


@dead.command()
def replay(event_id: UUID, service: Service = None, as_json: AsJson = False) -> None:
    """Let a dead event be tried again, once its cause is mended."""
    from deploy.cli import operations

    with refusals():
        found = asyncio.run(
            operations.replay(RunningStack.of_this_clone(), services_named(service), event_id)
        )
    if as_json:
        say_json({"event_id": event_id, "services": found})
    else:
        typer.echo(f"tried again by: {', '.join(found)}")


def _lanes(lanes: dict[int, int]) -> str | None:
    return " ".join(f"{lane}:{count}" for lane, count in lanes.items()) or None


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
