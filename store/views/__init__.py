"""What the page, the API and the metrics show: read-only views over many tables, none on the working path."""
