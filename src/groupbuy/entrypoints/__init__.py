"""Ways in: the web, the command line, the worker. Importing this package imports none of them."""
