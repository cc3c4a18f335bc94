"""`python -m tests.conformance.mutants NAME serve …`: break what NAME says, then start the server."""

import sys

from mockserver.cli import main
from tests.conformance.mutants import mutants

if __name__ == "__main__":
    mutants()[sys.argv[1]].spoil()
    sys.argv = ["mockserver", *sys.argv[2:]]
    main()
