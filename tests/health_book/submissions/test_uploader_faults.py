"""Six faults that a hospital uploader in use was found to have (pains of its commit history, July 2026).

Each test is red if the fault comes back on our side of the wire.
"""

from tests.health_book.conftest import Book
from tests.health_book.factories import make_dossier, make_file, sample

BOOK = "/v1/me/health-book"


async def test_fault_1_only_the_first_dossier_of_a_file_was_imported(book: Book) -> None:
    receipt = (await book.submit(sample("qd3176-three-dossiers"))).json()

    assert receipt["accepted"] == 3
    assert await book.count("visits") == 3


async def test_fault_2_the_same_loss_within_a_dossier(book: Book) -> None:
    dossier = make_dossier(base="qd3176-inpatient")
    for table in ("XML4", "XML5"):
        first = dossier.tables[table][0]
        dossier.tables[table] = [first | {"STT": str(n)} for n in range(1, 5)]
    sent = {name: len(rows) for name, rows in dossier.tables.items()}
    receipt = (await book.submit(make_file(dossier))).json()

    visit = (
        await book.client.get(f"{BOOK}/visits/{receipt['visits'][0]['visit_id']}", headers=book.citizen())
    ).json()

    assert len(visit["prescriptions"]) == sent["XML2"] == 2
    assert len(visit["services"]) == sent["XML3"] == 3
    assert len(visit["results"]) == sent["XML4"] == 4
    assert len(visit["notes"]) == sent["XML5"] == 4
    assert {paper["table"] for paper in visit["papers"]} == {"XML7", "XML8"}


async def test_fault_3_errors_were_swallowed(book: Book) -> None:
    """A failure to store is answered as one, leaves nothing half done, and the same file then succeeds."""
    body = make_file(make_dossier("LK1"), make_dossier("LK2"))
    await book.rows.execute("alter table visits rename to visits_away")

    failed = await book.submit(body)

    await book.rows.execute("alter table visits_away rename to visits")
    assert failed.status_code >= 500
    assert failed.json()["fault"] == "us"
    for table in ("submissions", "visit_claims", "visits", "outbox"):
        assert await book.count(table) == 0
    assert (await book.submit(body)).json()["accepted"] == 2


async def test_fault_4_bad_files_were_retried_for_ever(book: Book) -> None:
    """A bad file is final: the answer says not to retry, and nothing of ours remembers it."""
    for name, status in (("bad-truncated-base64", 422), ("bad-count-mismatch", 422)):
        answer = await book.submit(sample(name))
        assert answer.status_code == status
        assert (answer.json()["fault"], answer.json()["retry"]) == ("caller", "no")

    assert await book.count("submissions") == 0
    assert await book.count("unlinked_visits") == 0


async def test_fault_6_a_file_was_filed_under_the_wrong_hospital(book: Book) -> None:
    """The token of one facility with the file of another, at either level of the file, stores nothing."""
    own_envelope_foreign_dossier = make_file(make_dossier("LK1"), make_dossier("LK2", MA_CSKCB="01001"))

    for body, sender in (
        (make_file(make_dossier()), "01001"),
        (own_envelope_foreign_dossier, "99999"),
        (own_envelope_foreign_dossier, "01001"),
    ):
        answer = await book.submit(body, facility=sender)
        assert (answer.status_code, answer.json()["code"]) == (403, "other_facility")
    assert await book.count("visits") == await book.count("submissions") == 0
