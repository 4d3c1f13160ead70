"""What to poll and how: a feed's address becomes new items.

    config -> fetch -> parse -> new items

This room knows neither Celery nor the web nor the database. It takes and gives plain frozen values;
``store`` persists them and ``worker`` puts the steps together.
"""
