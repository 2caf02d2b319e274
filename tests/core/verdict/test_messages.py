from __future__ import annotations

from pytest_phasegate.core.verdict.messages import FAMILIES, catalogue, explain, family


def test_an_unknown_code_has_no_explanation() -> None:
    assert explain("PG000") is None
    assert explain("nonsense") is None


def test_every_code_stands_in_the_module_of_its_family_and_says_how_to_mend_it() -> None:
    strays = [
        code
        for prefix, module in FAMILIES.items()
        for code, message in family(module).items()
        if not (code.startswith(prefix) and len(code) == 5 and message.meaning and message.mend)
    ]

    assert strays == []
    assert all(explain(code.lower()) is message for code, message in catalogue().items())
