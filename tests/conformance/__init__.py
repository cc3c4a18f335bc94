"""The suite, tried on implementations that are right and on ones that are wrong."""
