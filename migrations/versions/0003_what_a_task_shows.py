"""The revision that a task shows a claim of, and tasks that another one has superseded

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The newest that held the claim when the task was made; the first at all where clocks differed.
_SHOWN = """
UPDATE tasks SET revision_id = (
    SELECT coalesce(
        max(CASE WHEN revisions.ingested_at <= tasks.created_at THEN revisions.id END),
        min(revisions.id)
    )
    FROM pieces JOIN revisions ON revisions.id = pieces.revision_id
    WHERE pieces.claim_id = tasks.claim_id
)
"""


def upgrade() -> None:
    op.drop_index("uq_tasks_live", "tasks")
    with op.batch_alter_table("tasks") as tasks:
        tasks.add_column(sa.Column("revision_id", sa.Integer(), nullable=True))
        tasks.add_column(sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
        tasks.create_foreign_key(
            op.f("fk_tasks_revision_id_revisions"), "revisions", ["revision_id"], ["id"]
        )
    op.execute(_SHOWN)
    with op.batch_alter_table("tasks") as tasks:
        tasks.alter_column("revision_id", existing_type=sa.Integer(), nullable=False)
    op.create_index(op.f("ix_tasks_revision_id"), "tasks", ["revision_id"], unique=False)
    _one_live("removed_at IS NULL AND superseded_at IS NULL")


def downgrade() -> None:
    op.drop_index("uq_tasks_live", "tasks")
    op.drop_index(op.f("ix_tasks_revision_id"), "tasks")
    op.execute("UPDATE tasks SET removed_at = superseded_at WHERE removed_at IS NULL")
    with op.batch_alter_table("tasks") as tasks:
        tasks.drop_constraint(op.f("fk_tasks_revision_id_revisions"), type_="foreignkey")
        tasks.drop_column("superseded_at")
        tasks.drop_column("revision_id")
    _one_live("removed_at IS NULL")


def _one_live(where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        "uq_tasks_live",
        "tasks",
        ["project_id", "claim_id"],
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )
