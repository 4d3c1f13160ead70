"""The ``seedwire`` command: one module a group of subcommands, imported only when it is asked for."""
