"""The errors that service code raises."""


class ServiceError(Exception):
    """Root of every error raised under `service`."""


class SettingsError(ServiceError, ValueError):
    """A setting from the environment that cannot be used: the message names the variable and the fix."""


class ServerUnreachableError(ServiceError):
    """No server answers at the address: the message says how to start one."""


class UnknownNameError(ServiceError, LookupError):
    """No sweep or trial of that name: the message gives what is there, the nearest first."""


class SweepFailedError(ServiceError):
    """The sweep that was waited for failed: the message says why."""


class StackError(ServiceError):
    """The stack on this machine could not start, or lost a part that it could not bring back."""
