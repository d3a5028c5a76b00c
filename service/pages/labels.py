"""Times in words, as the pages and the terminal show them."""


def duration_label(seconds: float) -> str:
    """A time span in its two largest units.

    >>> [duration_label(x) for x in (0.4, 59.6, 75, 7380, 200000)]
    ['0 s', '1 min 0 s', '1 min 15 s', '2 h 3 min', '2 d 7 h']
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
