"""Failures of what peers hand over.

Problem
└── 422 NothingAccepted
"""

from collections.abc import Sequence
from typing import Any

from chassis.errors import Problem, Text


class NothingAccepted(Problem):
    """Every item of the request was rejected; nothing is stored."""

    status = 422
    code = "nothing_accepted"
    fault = "caller"
    retry = "no"
    title = Text(vi="Không mục nào được nhận", en="No item was accepted")
    cause = Text(
        vi="Mọi mục trong yêu cầu đều có lỗi khiến không nhận được; items nêu từng lỗi.",
        en="Every item of the request has an error for which it is rejected; items names each.",
    )
    remedy = Text(
        vi="Sửa các lỗi nêu ở items rồi gửi lại các mục đó.",
        en="Mend what items names and send those again.",
    )

    def __init__(self, items: Sequence[dict[str, Any]]) -> None:  # Any: JSON members
        super().__init__(extensions={"items": list(items)}, count=len(items))
