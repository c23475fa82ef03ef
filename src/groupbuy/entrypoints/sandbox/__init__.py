"""A pretend provider for payments, payouts and parcels, run by developers, demos and tests.

It speaks a small protocol of its own over HTTP on this machine and plays the tricks real
providers play: answers that never come, work done but not acknowledged, callbacks twice, late,
out of order or not at all. Its journal file is the truth about money that ledgers are checked
against.
"""

from groupbuy.entrypoints.sandbox.app import create_sandbox
from groupbuy.entrypoints.sandbox.server import run, serving

__all__ = ["create_sandbox", "run", "serving"]
