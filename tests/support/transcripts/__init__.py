"""Transcripts of the command line: what operators type, and every line they get back.

`python -m tests.support.transcripts` plays every family of commands on a shop that is seeded anew
for each, in both languages, and writes `tests/integration/golden/cli`.
"""
