"""What the demo says beside its files."""

from socialsaas.demo import stand_ins


def result_of(*are_stand_ins: bool) -> dict:
    slides = [{"slideNumber": number, "isStandIn": is_it} for number, is_it in enumerate(are_stand_ins, 1)]
    return {"slides": slides}


def test_demo_names_the_slides_that_no_ai_service_made():
    assert stand_ins(result_of(False, True, True)) == (
        "Drawn here, as no AI service made them: the pictures of slides 2, 3."
    )


def test_demo_says_nothing_of_stand_ins_without_any():
    assert stand_ins(result_of(False, False)) is None
