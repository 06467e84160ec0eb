"""Which changes are news, and words for each kind of it."""

from typing import get_args

import pytest

from contracts.events.judicial_record import ApplicationStatus
from identity.notifications import rules
from identity.notifications.rules import Kind
from identity.notifications.words import WORDS

NOTHING_OF_THIS = ("án tích", "kết án", "tội", "xác minh", "conviction", "crime", "sentence", "verif")


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_words_in_both_languages_that_tell_nothing(kind: Kind) -> None:
    for language in ("vi", "en"):
        words = WORDS[kind]["en" if language == "en" else "vi"]
        assert words["title"]
        assert words["text"]
        told = f"{words['title']} {words['text']}".lower()
        assert not [word for word in NOTHING_OF_THIS if word in told]


def test_what_would_say_that_something_was_found_is_not_news() -> None:
    silent = {status for status in get_args(ApplicationStatus) if rules.kind_of_application(status) is None}

    assert silent == {
        "draft",
        "awaiting_payment",
        "checking",
        "verifying",
        "proposed",
        "issued",
        "withdrawn",
    }


def test_every_end_but_the_certificate_reads_the_same() -> None:
    assert rules.kind_of_application("refused") == rules.kind_of_application("stopped")


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("submit", 1, None),
        ("accept", 2, "dossier_accepted"),
        ("refuse", 3, "dossier_refused"),
        ("start", 4, None),
        ("apologise", 4, "dossier_delayed"),
        ("request_supplement", 5, "dossier_needs_supplement"),
        ("request_payment", 6, "dossier_needs_payment"),
        ("request_withdrawal", 7, None),
        ("stop_void", 8, "dossier_stopped"),
        ("sign", 9, "dossier_finished"),
        ("deny", 9, "dossier_finished"),
        ("replace_result", 9, "dossier_result_changed"),
        ("revoke_result", 10, "dossier_result_changed"),
        ("return_result", 10, None),
        ("decline_withdrawal", 2, None),
        ("an action of tomorrow", 5, "dossier_needs_supplement"),
    ],
)
def test_changes_of_a_dossier_are_told_by_what_was_done(action: str, status: int, kind: str | None) -> None:
    assert rules.kind_of_dossier(action, status) == kind
