"""News to whoever watches: one reader of the database and one listener on Redis for all open streams of a process."""
