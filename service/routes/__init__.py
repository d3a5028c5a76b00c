"""The routes of the HTTP front end, one file per group."""
