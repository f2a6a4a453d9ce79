"""The one exception that bad input raises; the command line prints its message on one line and exits 2."""


class InputError(ValueError):
    """Input the user can mend. The message names the offending value, what is expected and what to do."""
