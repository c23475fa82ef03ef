"""`groupbuy demo --month`: thirty days of a neighbourhood, settled, reconciled, and counted anew.

The plan is drawn from a seed and says what must come of every campaign. Playing it goes through
the use cases, the web, the worker and the provider's own protocol; nothing is written by hand.
"""
