"""The errors that sweep code raises."""


class SweepError(Exception):
    """Root of every error raised under `sweeps`."""


class NotFoundError(SweepError, LookupError):
    """No such sweep or trial: the message names what was asked for."""


class ConflictError(SweepError):
    """The request does not fit the sweep's status, for example deleting a running sweep."""


class LeaseLostError(SweepError):
    """This runner no longer holds the sweep: another one may; nothing was written."""
