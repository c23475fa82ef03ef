"""Reports that only the database can draw fast: read-side SQL behind the reporting ports."""
