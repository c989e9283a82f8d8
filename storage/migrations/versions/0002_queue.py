"""The outbox is walked in the order in which it leaves, and each lane's part of it found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("outbox_waiting", table_name="outbox")
    for name, columns, state in (
        ("outbox_order", ["priority", "seq", "next_at", "tries", "lane"], "new"),
        ("outbox_lane", ["lane"], "new"),
        ("outbox_sending", ["lane"], "sending"),
    ):
        where = sa.text(f"state = '{state}'")
        op.create_index(name, "outbox", columns, sqlite_where=where, postgresql_where=where)
