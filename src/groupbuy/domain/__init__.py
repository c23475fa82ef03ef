"""Business rules only: values in, values and events out.

Imports attrs and the quiet part of the standard library, nothing else. Each
context is imported by its front door (`groupbuy.domain.campaigns` and so on).
"""
