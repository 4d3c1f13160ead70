"""What runs: the Celery app, thin tasks, the tick, one-machine mode, the command line."""
