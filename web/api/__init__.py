"""``/api/v1``: everything the page shows and does, for programs. One module a resource."""
