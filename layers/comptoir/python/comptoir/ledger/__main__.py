"""`python -m comptoir.ledger verify …`: see `comptoir.ledger.offline.command`."""

import sys

from comptoir.ledger.offline.command import main as main

if __name__ == "__main__":
    sys.exit(main())
