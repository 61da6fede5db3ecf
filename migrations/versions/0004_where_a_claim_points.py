"""The wording of a claim that is worth a second look, and its parts, as they were cut

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("cues", "parts"):
        op.add_column("pieces", sa.Column(name, sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pieces") as pieces:
        pieces.drop_column("parts")
        pieces.drop_column("cues")
