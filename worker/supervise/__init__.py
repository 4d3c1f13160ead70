"""One machine: starts processes, keeps them up, stops them. Knows nothing of feeds, stories or alerts."""
