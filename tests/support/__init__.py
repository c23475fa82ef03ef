"""What tests stand on: a PostgreSQL of their own, the diagrams, small readers of the source."""
