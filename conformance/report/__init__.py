"""Reports. One document holds everything that is said; the others show it in their way."""
