"""Revisions, oldest first by their own chain."""
