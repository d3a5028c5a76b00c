"""The errors that training code raises. A numerical blow-up is a result, never one of these."""


class TrainerError(Exception):
    """Root of every error raised under `trainers`."""


class ConfigError(TrainerError, ValueError):
    """A trial config that names something impossible: the message gives value, constraint and fix."""


class DataMissingError(TrainerError, FileNotFoundError):
    """Data that is not on this machine: the message says which files go where."""


class PackError(TrainerError):
    """Trials that cannot share a pack, or a pack used after its end."""
