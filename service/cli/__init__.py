"""The `gradsweep` command."""
