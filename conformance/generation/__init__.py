"""Requests that Schemathesis makes up from the contract, made bookable.

Everything that knows Schemathesis is imported when a run comes to it: the rest of the suite works without.
"""
