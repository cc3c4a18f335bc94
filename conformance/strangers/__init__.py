"""How to treat an implementation that isn't ours: permission, limits, masks, and a ledger of what was made.

Used by the suite and by replays against a target. Needs `requests` and nothing else.
"""
