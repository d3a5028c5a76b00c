"""The `gradsweep` command."""


def main() -> None:
    """Run the command with the arguments of this process."""
    from service.cli.app import app  # here, so that importing the package does nothing

    app(prog_name="gradsweep")
