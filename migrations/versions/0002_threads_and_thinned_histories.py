"""How many threads a job trains with, and which of its epochs its history keeps.

Revision: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("threads", sa.Integer(), nullable=True))
    # The jobs that are there already keep every epoch, as they have done so far.
    op.add_column("jobs", sa.Column("history_every", sa.Integer(), server_default="1", nullable=False))


def downgrade() -> None:
    op.drop_column("jobs", "history_every")
    op.drop_column("jobs", "threads")
