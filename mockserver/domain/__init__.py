"""The rules of the Bookings API: no web framework, no I/O, no wall clock."""
