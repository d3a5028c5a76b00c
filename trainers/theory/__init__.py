"""What theory says about wide random networks, to hold measurements against."""
