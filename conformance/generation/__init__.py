"""Requests that Schemathesis makes up from the contract, made bookable.

Only `engine`, `transport`, `bookable` and `judging` know Schemathesis, and they are imported when a run begins:
the rest of the suite works without it.
"""
