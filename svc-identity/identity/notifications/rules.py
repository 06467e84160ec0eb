"""What a notification is called. Pure.

Nothing clinical, and not even the facility: a notification is shown at level 1 and on locked screens, and the
name of a hospital can tell an illness.
"""

from typing import Literal, TypedDict

Kind = Literal["visit_recorded", "visit_corrected"]
Language = Literal["vi", "en"]


class Words(TypedDict):
    """Title and text of one kind in one language."""

    title: str
    text: str


_WORDS: dict[Kind, dict[Language, Words]] = {
    "visit_recorded": {
        "vi": {
            "title": "Sổ sức khỏe có lần khám mới",
            "text": "Một cơ sở y tế vừa gửi kết quả một lần khám, chữa bệnh vào sổ sức khỏe của bạn.",
        },
        "en": {
            "title": "A new visit is in your health book",
            "text": "A health facility has just sent a visit to your health book.",
        },
    },
    "visit_corrected": {
        "vi": {
            "title": "Một lần khám đã được đính chính",
            "text": "Cơ sở y tế đã gửi bản đính chính của một lần khám; bản trước vẫn được lưu.",
        },
        "en": {
            "title": "A visit has been corrected",
            "text": "The facility has sent a corrected version of a visit; the earlier one is kept.",
        },
    },
}


def kind_of(outcome: Literal["recorded", "superseded"]) -> Kind:
    """Return the kind of notification that a visit's outcome calls for.

    Source: decision 0005 (section on notices).
    """
    return "visit_recorded" if outcome == "recorded" else "visit_corrected"


def words_of(kind: Kind, language: Language) -> Words:
    """Return title and text of a notification.

    Source: decision 0005 (section on notices: no clinical content, no facility).
    """
    return _WORDS[kind][language]
