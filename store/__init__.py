"""What must survive: every table and every atomic step."""
