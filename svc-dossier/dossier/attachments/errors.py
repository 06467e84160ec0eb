"""Failures of attachments.

Problem
├── 415 FileTypeRefused
└── 422 DigestMismatch
"""

from chassis.errors import Problem, Text


class FileTypeRefused(Problem):
    """The content is no type that the slot takes, or not what its header says."""

    status = 415
    code = "file_type_refused"
    fault = "caller"
    retry = "no"
    title = Text(vi="Không nhận loại tệp này", en="This type of file is not taken")
    cause = Text(
        vi="Nội dung tệp không phải loại mà thành phần hồ sơ này nhận, hoặc khác với Content-Type đã khai.",
        en="The content is no type that this paper takes, or not what Content-Type says.",
    )
    remedy = Text(
        vi="Gửi tệp PDF, JPEG hoặc PNG nguyên vẹn với đúng Content-Type.",
        en="Send a whole PDF, JPEG or PNG under its own Content-Type.",
    )


class DigestMismatch(Problem):
    """The content is not the one whose digest was sent."""

    status = 422
    code = "digest_mismatch"
    fault = "caller"
    retry = "same"
    title = Text(vi="Tệp không khớp mã băm", en="The file does not match its digest")
    cause = Text(
        vi="Mã băm SHA-256 của nội dung nhận được khác với Content-Digest đã gửi.",
        en="The SHA-256 of what arrived differs from the Content-Digest sent.",
    )
    remedy = Text(
        vi="Tính lại mã băm và gửi lại toàn bộ tệp.", en="Compute the digest again and send the whole file."
    )
