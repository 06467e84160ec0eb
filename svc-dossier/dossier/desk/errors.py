"""Expected failures of the officers' side.

Problem
├── 403 SamePerson
└── 409 ConditionNotMet
"""

from chassis.errors import Problem, Text


class ConditionNotMet(Problem):
    """The step exists, but a condition of its row does not hold; `condition` and `transition` name them."""

    status = 409
    code = "condition_not_met"
    fault = "caller"
    retry = "no"
    title = Text(vi="Chưa đủ điều kiện cho bước này", en="A condition of this step is not met")
    cause = Text(
        vi="Bước này có trong bảng chuyển trạng thái nhưng một điều kiện của nó chưa thỏa.",
        en="The step is in the table of transitions, but one of its conditions does not hold.",
    )
    remedy = Text(
        vi="Xem điều kiện nêu trong detail và condition; thực hiện bước đó khi điều kiện đã thỏa.",
        en="Read detail and condition; take the step when the condition holds.",
    )


class SamePerson(Problem):
    """The one who proposed wants to sign."""

    status = 403
    code = "same_person"
    fault = "caller"
    retry = "no"
    title = Text(vi="Người đề xuất không được ký", en="The one who proposes never signs")
    cause = Text(
        vi="Kết quả phải do người khác với người đề xuất ký.",
        en="A result is signed by another person than the one who proposed it.",
    )
    remedy = Text(vi="Lãnh đạo khác ký kết quả.", en="Let another leader sign.")
