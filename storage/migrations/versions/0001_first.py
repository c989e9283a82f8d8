"""The first shape: children, records, keys, events, inbox, outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQLITE = """CREATE TRIGGER events_no_{what} BEFORE {WHAT} ON events
BEGIN SELECT RAISE(ABORT, 'events are only added'); END"""
_POSTGRESQL = """CREATE FUNCTION events_only_added() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'events are only added'; END $$"""


def upgrade() -> None:
    op.create_table('beats',
    sa.Column('loop', sa.String(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('loop')
    )
    op.create_table('children',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('village', sa.String(), nullable=False),
    sa.Column('township', sa.String(), nullable=False),
    sa.Column('county', sa.String(), nullable=False),
    sa.Column('worker', sa.String(), nullable=True),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('name_index', sa.String(), nullable=False),
    sa.Column('id_number_index', sa.String(), nullable=True),
    sa.Column('wake_at', sa.BigInteger(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('children_county', 'children', ['county'], unique=False)
    op.create_index('children_id_number', 'children', ['id_number_index'], unique=False)
    op.create_index('children_name', 'children', ['name_index'], unique=False)
    op.create_index('children_township', 'children', ['township'], unique=False)
    op.create_index('children_wake', 'children', ['wake_at'], unique=False, sqlite_where=sa.text('wake_at IS NOT NULL'), postgresql_where=sa.text('wake_at IS NOT NULL'))
    op.create_index('children_worker', 'children', ['worker'], unique=False)
    op.create_table('events',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('actor', sa.String(), nullable=False),
    sa.Column('child', sa.String(), nullable=True),
    sa.Column('record', sa.String(), nullable=True),
    sa.Column('ground', sa.String(), nullable=False),
    sa.Column('detail', sa.Text(), nullable=False),
    sa.Column('mac', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('seq')
    )
    op.create_index('events_child', 'events', ['child'], unique=False)
    op.create_table('inbox',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('update_id', sa.BigInteger(), nullable=False),
    sa.Column('digest', sa.LargeBinary(), nullable=False),
    sa.Column('received_at', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('raw', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('seq'),
    sa.UniqueConstraint('source', 'update_id', 'digest'),
    sqlite_autoincrement=True,
    )
    op.create_index('inbox_open', 'inbox', ['seq'], unique=False, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.create_index('inbox_received', 'inbox', ['received_at'], unique=False)
    op.create_table('keys',
    sa.Column('no', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('kek', sa.String(), nullable=False),
    sa.Column('wrapped', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('no'),
    sa.UniqueConstraint('name'),
    sqlite_autoincrement=True,
    )
    op.create_table('meta',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('value', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('outbox',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('recipient', sa.String(), nullable=True),
    sa.Column('child', sa.String(), nullable=True),
    sa.Column('lane', sa.String(), nullable=False),
    sa.Column('priority', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('next_at', sa.BigInteger(), nullable=False),
    sa.Column('lease', sa.BigInteger(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('ambiguous', sa.Boolean(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('seq'),
    sa.UniqueConstraint('key'),
    sqlite_autoincrement=True,
    )
    op.create_index('outbox_child', 'outbox', ['child'], unique=False)
    op.create_index('outbox_waiting', 'outbox', ['lane', 'priority', 'seq'], unique=False, sqlite_where=sa.text("state IN ('new', 'sending')"), postgresql_where=sa.text("state IN ('new', 'sending')"))
    op.create_table('posts',
    sa.Column('owner', sa.String(), nullable=False),
    sa.Column('role', sa.String(), nullable=False),
    sa.Column('person', sa.String(), nullable=False),
    sa.Column('area', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('owner', 'role', 'person', 'area')
    )
    op.create_index('posts_area', 'posts', ['role', 'area'], unique=False)
    op.create_index('posts_person', 'posts', ['person', 'role'], unique=False)
    op.create_table('records',
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('child', sa.String(), nullable=True),
    sa.Column('person', sa.String(), nullable=True),
    sa.Column('area', sa.String(), nullable=True),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('wake_at', sa.BigInteger(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('look', sa.String(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'id')
    )
    op.create_index('records_child', 'records', ['child', 'kind'], unique=False)
    op.create_index('records_kind_status', 'records', ['kind', 'status'], unique=False)
    op.create_index('records_look', 'records', ['look'], unique=False)
    op.create_index('records_number', 'records', ['kind', 'number'], unique=False)
    op.create_index('records_person', 'records', ['person', 'kind', 'status'], unique=False)
    op.create_index('records_wake', 'records', ['wake_at'], unique=False, sqlite_where=sa.text('wake_at IS NOT NULL'), postgresql_where=sa.text('wake_at IS NOT NULL'))
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRESQL)
        op.execute(
            "CREATE TRIGGER events_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON events "
            "FOR EACH STATEMENT EXECUTE FUNCTION events_only_added()"
        )
    else:
        for what in ("update", "delete"):
            op.execute(_SQLITE.format(what=what, WHAT=what.upper()))
