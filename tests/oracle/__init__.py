"""A second opinion on availability, by brute force, that shares no code with the mock."""
