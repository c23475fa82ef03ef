"""`groupbuy demo`: a neighbourhood that buys together for a month, played in seconds.

Everything goes through the real web API, worker and provider sandbox, each a process of its own;
only the clock is a file.
"""
