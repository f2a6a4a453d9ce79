"""One file per subcommand of ``steinlab``: ``add_arguments(parser)`` and ``run(args) -> int``."""
