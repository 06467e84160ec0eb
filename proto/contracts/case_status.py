"""The ten national statuses of a dossier, by number and name, as every portal of the state counts them.

Source: the status list of the national public-service portal; the arrows between them belong to the services.
"""

from enum import IntEnum


class NationalStatus(IntEnum):
    """Where a dossier stands, in the national numbering; `label` is the portal's own word for it."""

    SUBMITTED = 1
    ACCEPTED = 2
    NOT_ACCEPTED = 3
    PROCESSING = 4
    AWAITING_SUPPLEMENT = 5
    AWAITING_PAYMENT = 6
    WITHDRAWAL_REQUESTED = 7
    STOPPED = 8
    COMPLETED = 9
    RETURNED = 10

    @property
    def slug(self) -> str:
        """Return the name used in our API: `awaiting_supplement`."""
        return self.name.lower()

    @property
    def label(self) -> dict[str, str]:
        """Return the words for people, by language."""
        vi, en = _LABELS[self]
        return {"vi": vi, "en": en}


_LABELS = {
    NationalStatus.SUBMITTED: ("Mới đăng ký", "Submitted"),
    NationalStatus.ACCEPTED: ("Được tiếp nhận", "Accepted"),
    NationalStatus.NOT_ACCEPTED: ("Không được tiếp nhận", "Not accepted"),
    NationalStatus.PROCESSING: ("Đang xử lý", "Being processed"),
    NationalStatus.AWAITING_SUPPLEMENT: ("Yêu cầu bổ sung giấy tờ", "Awaiting supplement"),
    NationalStatus.AWAITING_PAYMENT: ("Yêu cầu thực hiện nghĩa vụ tài chính", "Awaiting payment"),
    NationalStatus.WITHDRAWAL_REQUESTED: ("Công dân yêu cầu rút hồ sơ", "Withdrawal requested"),
    NationalStatus.STOPPED: ("Dừng xử lý", "Stopped"),
    NationalStatus.COMPLETED: ("Đã xử lý xong", "Completed"),
    NationalStatus.RETURNED: ("Đã trả kết quả", "Result returned"),
}
