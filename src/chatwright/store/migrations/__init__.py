"""Alembic migrations of the conversations file, shipped inside the package."""
