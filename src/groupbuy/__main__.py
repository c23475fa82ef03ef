"""`python -m groupbuy` is the command `groupbuy`."""

import sys

from groupbuy.entrypoints.console import main

if __name__ == "__main__":
    sys.exit(main())
