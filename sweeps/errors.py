"""The errors that sweep code raises."""


class SweepError(Exception):
    """Root of every error raised under `sweeps`."""


class NotFoundError(SweepError, LookupError):
    """No such sweep or trial: the message names what was asked for."""


class ConflictError(SweepError):
    """The request does not fit the sweep's status, for example deleting a running sweep."""


class LeaseLostError(SweepError):
    """This runner no longer holds the sweep: another one may; nothing was written."""


class CursorError(SweepError, ValueError):
    """A page cursor that this listing did not give out, or gave out in another order."""


class LedgerUrlError(SweepError, ValueError):
    """A ledger URL that names no SQLite file and no PostgreSQL database."""


class LedgerUnavailableError(SweepError):
    """The ledger's database does not answer, or is of another version; nothing was written."""


class TrackingUriError(SweepError, ValueError):
    """An MLflow tracking URI that depends on the working directory, or is of an unknown kind."""


class WorkerLostError(SweepError):
    """Processes that trained a trial kept ending without a result, for example for want of memory."""


class NoRoomError(SweepError):
    """A sweep whose workers fit on no machine of the cluster."""
