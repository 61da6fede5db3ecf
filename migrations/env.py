"""Runs the migrations on the engine it is handed, all in one transaction.

Imports nothing from factcheck: a migration must mean the same for ever.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

engine: sa.Engine = context.config.attributes["engine"]

with engine.connect() as connection:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # With foreign keys on, rebuilding a parent table deletes its children; and the pragma
        # does nothing inside a transaction, so it is set on the bare connection.
        connection.connection.execute("PRAGMA foreign_keys=OFF")
    try:
        context.configure(
            connection=connection,
            target_metadata=context.config.attributes.get("metadata"),
            render_as_batch=True,
            transaction_per_migration=False,
            transactional_ddl=True,  # SQLite has it too, with an explicit BEGIN
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"the migration broke foreign keys: {broken[:5]}")
    finally:
        if sqlite:
            connection.rollback()
            connection.connection.execute("PRAGMA foreign_keys=ON")
