"""What must survive: every table and every atomic step.

SQLite (WAL) on one machine, PostgreSQL when a user outgrows it, one code path (SQLAlchemy Core). Functions here take an
open connection and plain values; ``Database.write`` owns the transaction and what happens after its commit.
"""
