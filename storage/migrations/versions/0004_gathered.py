"""What is gathered for one person leaves after alerts and before replies: these and all later ones move on."""

import sqlalchemy as sa
from alembic import op

from storage.tripwires import lawful

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with lawful(op.get_bind(), "migrating"):
        still_to_leave = "priority >= 1 AND state IN ('new', 'sending')"
        op.execute(sa.text(f"UPDATE outbox SET priority = priority + 1 WHERE {still_to_leave}"))  # noqa: S608
