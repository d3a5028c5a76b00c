"""What is measured at every step and on a schedule, for our own loop and for anybody else's."""
