"""The HTTP front end, the command line, the client, the live page and the one-machine stack."""
