"""The tables of the first revision, part by part."""
