"""Bytes that several datasets share, when a key was last used, what was removed by whom, and requests a minute.

Revision: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("keys", sa.Column("last_used_at", MOMENT, nullable=True))
    op.create_table(
        "blobs",
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_blobs")),
        sa.UniqueConstraint("sha256", name=op.f("uq_blobs_sha256")),
    )
    # Of bytes that lie there more than once, one copy is kept; workers tidy away the others.
    op.execute(
        "INSERT INTO blobs (key, sha256, bytes) SELECT min(blob_key), sha256, max(bytes) FROM datasets GROUP BY sha256"
    )
    op.execute("UPDATE datasets SET blob_key = (SELECT key FROM blobs WHERE blobs.sha256 = datasets.sha256)")
    op.create_index(op.f("ix_datasets_blob_key"), "datasets", ["blob_key"])
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(36), nullable=False),
        sa.Column("owner", sa.String(36), nullable=False),
        sa.Column("request_id", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "requests",
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_requests")),
    )


def downgrade() -> None:
    op.drop_table("requests")
    op.drop_table("audit")
    op.drop_index(op.f("ix_datasets_blob_key"), table_name="datasets")
    op.drop_table("blobs")
    op.drop_column("keys", "last_used_at")
