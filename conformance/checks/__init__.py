"""What no schema says: checks by topic. Each module registers its functions with `check`."""
