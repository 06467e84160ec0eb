"""Failures of the intake.

Problem
└── 422 NoDossierAccepted
"""

from collections.abc import Sequence
from typing import Any

from chassis.errors import Problem, Text


class NoDossierAccepted(Problem):
    """Every dossier of the file was refused; nothing is stored."""

    status = 422
    code = "no_dossier_accepted"
    fault = "caller"
    retry = "no"
    title = Text(vi="Không hồ sơ nào được nhận", en="No dossier was accepted")
    cause = Text(
        vi="Mọi hồ sơ trong tệp đều có lỗi khiến không nhận được; rejected nêu từng lỗi.",
        en="Every dossier of the file has an error for which it is refused; rejected names each.",
    )
    remedy = Text(
        vi="Sửa các lỗi nêu ở rejected rồi gửi lại các hồ sơ đó.",
        en="Mend what rejected names and send those dossiers again.",
    )

    def __init__(self, rejected: Sequence[dict[str, Any]]) -> None:  # Any: JSON members
        super().__init__(extensions={"rejected": list(rejected)}, count=len(rejected))
