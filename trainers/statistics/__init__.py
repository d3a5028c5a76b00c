"""What is measured at every step, for our own loop and for anybody else's."""
