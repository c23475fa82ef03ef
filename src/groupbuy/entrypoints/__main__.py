"""`python -m groupbuy.entrypoints` is the command `groupbuy`, for those who start it as a child."""

import sys

from groupbuy.entrypoints.console import main

if __name__ == "__main__":
    sys.exit(main())
