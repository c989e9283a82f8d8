"""What the auditor reads: rows that others removed or altered, and indexes of what must not be."""

import sqlalchemy as sa
from alembic import op

from storage.tripwires import lay

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ASLEEP = (
    "wake_at IS NULL AND kind NOT IN ('area', 'person', 'draft', 'submission', 'invite', 'talk', 'link', "
    "'pin', 'file', 'file_part') AND status NOT IN ('resolved', 'withdrawn', 'done', 'excused', 'cancelled', "
    "'answered', 'unanswered', 'stopped', 'closed', 'filled')"
)
_ODD_INBOX = (
    "state NOT IN ('open', 'done', 'parked') OR state = 'done' AND raw IS NOT NULL "
    "OR state = 'parked' AND error IS NULL"
)
_ODD_OUTBOX = (
    "state NOT IN ('new', 'sending', 'sent', 'dead') OR state IN ('sent', 'dead') AND body IS NOT NULL"
)


def upgrade() -> None:
    op.create_table(
        "gone",
        sa.Column("no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("no"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "lawful", sa.Column("why", sa.String(), nullable=False), sa.PrimaryKeyConstraint("why")
    )
    for name, table, columns, where in (
        ("gone_open", "gone", ["no"], "settled_at IS NULL"),
        ("records_asleep", "records", ["kind", "id"], _ASLEEP),
        ("inbox_odd", "inbox", ["state"], _ODD_INBOX),
        ("outbox_odd", "outbox", ["state"], _ODD_OUTBOX),
    ):
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    lay(op.get_bind())
