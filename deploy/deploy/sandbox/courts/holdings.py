"""What courts and police hold: the convictions of two personas and of some people of the town, all made up.

The same documents wherever the same town is, so that sending them again changes nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from deploy.sandbox.people import Person
from deploy.sandbox.personas import personas

Document = dict[str, Any]  # Any: JSON members
Documents = Iterator[tuple[str, Document]]

COURT, POLICE = "toa-an", "cong-an"
SOURCES = (COURT, POLICE)
COVERAGE = {COURT: ("judgments", "expungements"), POLICE: ("executions", "proceedings")}
_ISSUED_AT = "2026-07-01T08:00:00+07:00"
_EVERY = 40


def holdings(town: Sequence[Person]) -> dict[str, list[Document]]:
    """Return every document by source, in a fixed order."""
    held: dict[str, list[Document]] = {source: [] for source in SOURCES}
    for source, document in _all(town):
        held[source].append(document)
    return held


def coverage(source: str, state: str) -> Document:
    """Return what a source tells of its completeness; `state` is complete, partial or none."""
    entries = [
        {"kind": kind, "state": state, "since": "1930-01-01", "until": None, "checked_on": "2026-07-01"}
        for kind in COVERAGE[source]
    ]
    return {"entries": entries}


def _all(town: Sequence[Person]) -> Documents:
    yield from _suspended_theft(_persona("binh"), 1, date(2023, 8, 20), date(2026, 8, 20))
    yield from _served_fraud(_persona("em"), 2, date(2014, 5, 10), date(2016, 11, 30))
    grown = [one for one in town if 1955 <= one.born_on.year <= 1995][::_EVERY][: 3 * len(_STORIES)]
    for n, person in enumerate(grown):
        yield from _STORIES[n % len(_STORIES)](person, 100 + n)


def _persona(name: str) -> Person:
    person = personas()[name].person
    if person is None:
        raise LookupError(name)
    return person


def _suspended_theft(person: Person, n: int, effective_on: date, probation_over_on: date) -> Documents:
    """18 months suspended: expunged one year after the probation."""
    principal = {"kind": "suspended_prison", "months": 18}
    yield COURT, _judgment(person, n, effective_on, principal=principal, duties=["costs"])
    yield POLICE, _done(person, n, effective_on, "probation", probation_over_on)
    yield POLICE, _done(person, n, effective_on, "duty", effective_on + timedelta(days=30), duty="costs")


def _served_fraud(person: Person, n: int, effective_on: date, served_on: date) -> Documents:
    """Three years of prison, served, everything paid: expunged two years later."""
    crime = {"article": "174(2)", "name": "Lừa đảo chiếm đoạt tài sản", "gravity": "serious"}
    principal = {"kind": "prison", "months": 36}
    duties = ["costs", "damages"]
    yield COURT, _judgment(person, n, effective_on, crime=crime, principal=principal, duties=duties)
    yield POLICE, _done(person, n, effective_on, "principal", served_on)
    for duty in duties:
        yield POLICE, _done(person, n, effective_on, "duty", served_on + timedelta(days=15), duty=duty)


def _fined(person: Person, n: int) -> Documents:
    effective_on = date(2024, 3, 1)
    yield COURT, _judgment(person, n, effective_on, principal={"kind": "fine"})
    yield POLICE, _done(person, n, effective_on, "principal", date(2024, 6, 1))


def _damages_open(person: Person, n: int) -> Documents:
    effective_on = date(2015, 3, 1)
    principal = {"kind": "prison", "months": 12}
    yield COURT, _judgment(person, n, effective_on, principal=principal, duties=["damages"])
    yield POLICE, _done(person, n, effective_on, "principal", date(2016, 3, 1))


def _careless_driver(person: Person, n: int) -> Documents:
    crime: Document = {"article": "260(1)", "name": "Vi phạm quy định về tham gia giao thông đường bộ"}
    crime |= {"chapter": "XXI", "is_negligent": True}
    yield COURT, _judgment(person, n, date(2021, 9, 1), crime=crime, principal={"kind": "fine"})


def _remitted(person: Person, n: int) -> Documents:
    effective_on = date(2017, 2, 1)
    yield COURT, _judgment(person, n, effective_on, principal={"kind": "prison", "months": 84})
    remission = _document(person, f"{n}/QD-DX", kind="remission", remitted_on="2022-09-02")
    yield POLICE, remission | {"judgment": _ref(n, effective_on)}


def _against_the_state(person: Person, n: int) -> Documents:
    effective_on = date(2010, 2, 1)
    crime = {"article": "117(1)", "name": "Làm tài liệu chống Nhà nước", "chapter": "XIII"}
    principal = {"kind": "prison", "months": 48}
    yield COURT, _judgment(person, n, effective_on, crime=crime, principal=principal)
    yield POLICE, _done(person, n, effective_on, "principal", date(2014, 2, 1))


def _prosecuted_again(person: Person, n: int) -> Documents:
    yield from _served_fraud(person, n, date(2019, 5, 10), date(2022, 5, 10))
    facts = {"kind": "new_proceedings", "opened_on": "2024-03-01", "committed_on": "2024-02-01"}
    yield POLICE, _document(person, f"{n}/QD-KTVA", state="open", **facts)


_STORIES: tuple[Callable[[Person, int], Documents], ...] = (
    _fined,
    _damages_open,
    _careless_driver,
    _remitted,
    _against_the_state,
    _prosecuted_again,
)


def _judgment(
    person: Person,
    n: int,
    effective_on: date,
    *,
    principal: Document,
    crime: Document | None = None,
    duties: Sequence[str] = (),
) -> Document:
    judged_on = effective_on - timedelta(days=31)
    theft = {
        "article": "173(1)",
        "name": "Trộm cắp tài sản",
        "chapter": "XVI",
        "gravity": "less_serious",
        "is_negligent": False,
        "committed_on": (judged_on - timedelta(days=200)).isoformat(),
    }
    reference = _ref(n, effective_on)
    return _document(
        person,
        reference["number"],
        kind="judgment",
        judgment=reference,
        court_name="Tòa án nhân dân khu vực 1 - Hà Nội",
        judged_on=judged_on.isoformat(),
        effective_on=effective_on.isoformat(),
        offences=[theft | (crime or {})],
        principal=principal,
        duties=list(duties),
    )


def _done(
    person: Person, n: int, effective_on: date, part: str, on: date, *, duty: str | None = None
) -> Document:
    facts = {"part": part, "completed_on": on.isoformat()} | ({"duty": duty} if duty else {})
    reference = f"{n}/GCN-{duty or part}"
    return _document(person, reference, kind="completion", judgment=_ref(n, effective_on), **facts)


def _ref(n: int, effective_on: date) -> dict[str, str]:
    return {"court": "TAND-KV1-HN", "number": f"{n}/{effective_on.year}/HS-ST"}


def _document(person: Person, reference: str, **facts: Any) -> Document:  # Any: JSON members
    who = {
        "name": person.name,
        "born_on": person.born_on.isoformat(),
        "sex": person.sex,
        "personal_id": person.personal_id,
    }
    return {"reference": reference, "issued_at": _ISSUED_AT, "person": who, **facts}
