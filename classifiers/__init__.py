"""What an item means: seeds become patterns, and an item becomes events with evidence.

    seeds -> patterns;  item -> events with evidence

This room knows neither Celery nor the web nor the database. It takes an item's text and gives plain frozen values.
"""
