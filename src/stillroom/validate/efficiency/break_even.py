"""After how many answers a distillation has paid for itself, and what energy means in carbon."""

from __future__ import annotations

from stillroom.validate.efficiency.energy import JOULES_PER_KWH

_DAYS_PER_YEAR = 365.0


def break_even(distil: float, teacher_answer: float, student_answer: float) -> float | None:
    """Number of answers after which what the student saves is what it cost to make: E_distil / (E_teacher − E_student).

    Any one unit serves, of energy or of carbon, as long as all three are in it; a power such as watts is none.

    Args:
        distil: cost of the distillation, signals and export included.
        teacher_answer: cost of an answer of the teacher.
        student_answer: cost of an answer of the student.

    Returns:
        The number, or None where the student saves nothing.

    The published example, in kilograms of carbon dioxide (the printed formula divides by N a second time):

    >>> round(break_even(88.0, 1.3e-6, 0.0) / 1e6, 1)
    67.7
    >>> break_even(88.0, 1.0, 1.0)
    """
    saved = teacher_answer - student_answer
    return distil / saved if saved > 0 else None


def years_until(answers: float, per_day: float) -> float:
    """Years that it takes to give so many answers.

    >>> round(years_until(259_150, per_day=50), 1)
    14.2
    """
    return answers / per_day / _DAYS_PER_YEAR


def grams_of_carbon(joules: float, grams_per_kwh: float) -> float:
    """Carbon dioxide of an energy, by the intensity of the grid.

    350 million answers of 9.4 J are 3.29 GJ or 914 kWh, not gigawatt hours:

    >>> round(grams_of_carbon(350e6 * 9.4, grams_per_kwh=1.0))
    914
    """
    return joules / JOULES_PER_KWH * grams_per_kwh
