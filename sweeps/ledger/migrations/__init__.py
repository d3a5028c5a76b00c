"""How the ledger's tables came to be what they are, one revision after another (Alembic)."""

HEAD = "0002"
"""The revision that this code needs; a test holds it to the last file in `versions`."""
