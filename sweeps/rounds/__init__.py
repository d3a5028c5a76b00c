"""Searches that choose what to train next by what has ended, in rounds that replay from the ledger."""

from sweeps.rounds.base import Ask, Earlier, Result, Strand
from sweeps.rounds.course import Course
from sweeps.rounds.courses import make_course

__all__ = ["Ask", "Course", "Earlier", "Result", "Strand", "make_course"]
