"""One difference among many is found, and by the digest alone."""

from national_portal_sync.reconciliations.rules import OurEntry, compare, set_digest


def entry(number: int, digest: str | None = "aa") -> OurEntry:
    return OurEntry(f"G18-20261123-{number:07d}", "id", 1, digest, None if digest else "waiting")


def test_set_digest_depends_on_the_set_and_not_on_the_order() -> None:
    pairs = [(f"c{number}", f"d{number}") for number in range(100)]

    assert set_digest(pairs) == set_digest(reversed(pairs))
    assert set_digest(pairs) != set_digest([*pairs[:-1], ("c99", "other")])


def test_one_difference_in_a_hundred_thousand() -> None:
    ours = [entry(number) for number in range(100_000)]
    theirs = {one.code: "aa" for one in ours} | {ours[4711].code: "bb"}

    found = compare(ours, theirs)

    assert [(one.code, one.kind) for one in found] == [(ours[4711].code, "content_differs")]


def test_what_waits_is_no_difference_of_content() -> None:
    found = compare([entry(1, None)], {entry(1).code: "aa"})

    assert [(one.kind, one.state) for one in found] == [("not_delivered", "waiting")]
