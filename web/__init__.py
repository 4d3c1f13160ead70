"""What is seen: health, metrics, and the page."""
