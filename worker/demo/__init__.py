"""A newsroom, a receiver of webhooks and a screen: all that a demonstration needs, on this machine alone."""
