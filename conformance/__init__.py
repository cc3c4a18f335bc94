"""Judges any implementation of the Bookings API by its behaviour over HTTP."""

__version__ = "0.1.0"
