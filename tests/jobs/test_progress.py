"""What the creator reads, as a pure function of settled steps."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal

import pytest

from jobs import progress
from jobs.states import StepKind

TABLE = {
    2: [50, 80],
    3: [40, 60, 80],
    4: [35, 50, 65, 80],
    5: [32, 44, 56, 68, 80],
    6: [30, 40, 50, 60, 70, 80],
    7: [29, 37, 46, 54, 63, 71, 80],
    8: [28, 35, 43, 50, 58, 65, 73, 80],
    9: [27, 33, 40, 47, 53, 60, 67, 73, 80],
    10: [26, 32, 38, 44, 50, 56, 62, 68, 74, 80],
}


@pytest.mark.parametrize("total", TABLE)
def test_slides_are_told_to_the_letter(total):
    told = [progress.of_slides(settled=settled, total=total) for settled in range(1, total + 1)]

    assert [percent for percent, _ in told] == TABLE[total]
    assert [message for _, message in told] == [
        f"Generating slide {k}/{total}..." for k in range(1, total + 1)
    ]


@pytest.mark.parametrize("total", TABLE)
def test_percent_is_rounded_half_up(total):
    for settled in range(1, total + 1):
        exact = 20 + Decimal(60 * settled) / total

        percent = progress.of_slides(settled=settled, total=total).percent

        assert percent == exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)


def test_half_is_rounded_up_where_python_s_round_goes_to_even():
    assert round(20 + 60 * 1 / 8) == 28  # 27.5, and 42.5 goes down
    assert round(20 + 60 * 3 / 8) == 42

    assert progress.of_slides(settled=3, total=8).percent == 43


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        ({StepKind.STRATEGY: 1, StepKind.SLIDE: 3, StepKind.FINALIZE: 1}, (0, "Starting generation...")),
        ({StepKind.SLIDE: 3, StepKind.FINALIZE: 1}, (20, "Creating content strategy...")),
        ({StepKind.SLIDE: 2, StepKind.FINALIZE: 1}, (40, "Generating slide 1/3...")),
        ({StepKind.FINALIZE: 1}, (80, "Generating slide 3/3...")),
        ({}, (100, "Carousel ready!")),
    ],
    ids=["nothing settled", "words written", "one picture", "all pictures", "all settled"],
)
def test_progress_of_a_run_is_a_function_of_what_is_left(left, shown):
    assert progress.of_run(left=Counter(left), total=3) == shown
