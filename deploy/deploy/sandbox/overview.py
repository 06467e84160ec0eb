"""The page `/sandbox`: who can be acted as, the clock, the fault switches, what the peers received."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError

from deploy.sandbox.clock import ClockIn, LegalClock
from deploy.sandbox.control import persona_out, staff_out
from deploy.sandbox.faults import CALLING_BACK, PEERS, Fault, Faults
from deploy.sandbox.personas import personas
from deploy.sandbox.register import Register
from deploy.sandbox.staff import staff_accounts
from deploy.sandbox.state import State
from deploy.sandbox.web import language_of, page

SHOWN = 30


def _back(anchor: str) -> RedirectResponse:
    return RedirectResponse(f"/sandbox#{anchor}", 303)


def pages(
    register: Register, clock: LegalClock, faults: Faults, state: State, now: Callable[[], float]
) -> APIRouter:
    """Return the page and its forms; `now` gives real time in seconds since 1970."""
    router = APIRouter(prefix="/sandbox", include_in_schema=False)

    def show(request: Request, *, status: int = 200, wrong: str | None = None) -> Response:
        people = [persona_out(persona, register, now()) for persona in personas().values()]
        return page(
            request,
            "overview.html",
            language=language_of(request),
            status=status,
            wrong=wrong,
            with_account=[one for one in people if one["password"]],
            without_account=[one for one in people if not one["password"]],
            staff=[staff_out(account, now()) for account in staff_accounts().values()],
            seconds_left=30 - int(now()) % 30,
            town_size=len(register),
            clock=clock.reading(),
            faults=faults.all(),
            calling_back=CALLING_BACK,
            received=state.journal(SHOWN),
        )

    @router.get("")
    async def show_sandbox(request: Request) -> Response:
        return show(request)

    @router.get("/", include_in_schema=False)
    async def show_sandbox_without_slash() -> Response:
        return RedirectResponse("/sandbox", 308)

    @router.post("/clock-form")
    async def move_clock(
        request: Request,
        days: Annotated[str, Form(max_length=8)] = "",
        legal_now: Annotated[str, Form(max_length=40)] = "",
    ) -> Response:
        """Move legal time by days from real time, or to a local date and time of Việt Nam."""
        try:
            if legal_now:
                with_seconds = legal_now if legal_now.count(":") == 2 else f"{legal_now}:00"
                wish = ClockIn.model_validate({"legal_now": f"{with_seconds}+07:00"})
            else:
                wish = ClockIn(offset_seconds=int(days or "0") * 86_400)
        except (ValidationError, ValueError):
            return show(request, status=422, wrong="clock")
        clock.move(wish.resolve_now())
        return _back("clock")

    @router.post("/fault-form")
    async def set_fault(
        request: Request,
        peer: Annotated[str, Form(max_length=20)],
        delay_ms: Annotated[str, Form(max_length=8)] = "0",
        fail_next: Annotated[str, Form(max_length=8)] = "0",
        cut_next: Annotated[str, Form(max_length=8)] = "0",
        lose_next: Annotated[str, Form(max_length=8)] = "0",
        duplicate_next: Annotated[str, Form(max_length=8)] = "0",
        late_next: Annotated[str, Form(max_length=8)] = "0",
    ) -> Response:
        try:
            fault = Fault(
                delay_ms=int(delay_ms or "0"),
                fail_next=int(fail_next or "0"),
                cut_next=int(cut_next or "0"),
                lose_next=int(lose_next or "0"),
                duplicate_next=int(duplicate_next or "0"),
                late_next=int(late_next or "0"),
            )
        except (ValidationError, ValueError):
            return show(request, status=422, wrong="faults")
        if peer not in PEERS:
            return show(request, status=422, wrong="faults")
        faults.set(peer, fault)
        state.record(peer, "fault_set", **fault.model_dump())
        return _back("faults")

    @router.post("/level-form")
    async def set_level(
        request: Request, name: Annotated[str, Form(max_length=40)], level: Annotated[str, Form(max_length=1)]
    ) -> Response:
        """Set the level of a persona's VNeID account, as the police counter would."""
        persona = personas().get(name)
        if persona is None or persona.person is None or level not in ("1", "2") or not persona.password:
            return show(request, status=422, wrong="personas")
        register.change(persona.person.personal_id, {"level": int(level)})
        state.record("vneid", "level_set", persona=name, level=int(level))
        return _back("personas")

    return router
