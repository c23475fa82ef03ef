"""Reports: sums kept behind the write path, and what is read off them. Import from here."""

from groupbuy.application.reporting.feeding import feed
from groupbuy.application.reporting.rebuilding import Rebuilt, dump, rebuild

__all__ = ["Rebuilt", "dump", "feed", "rebuild"]
