"""Keep the code of each certificate (ciphertext), so that its holder can be told it again.

Empty for certificates issued before; theirs stands on the file alone. The previous release writes none.
"""

from alembic import op

revision = "0008_keep_certificate_codes"
down_revision = "0007_create_convictions"


def upgrade() -> None:
    op.execute("alter table certificates add column code bytea")
