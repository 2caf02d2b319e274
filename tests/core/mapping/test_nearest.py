from __future__ import annotations

from pytest_phasegate.core.mapping.mapping import nearest


def test_a_misspelt_name_is_found() -> None:
    assert (
        nearest("test_lru_evicts", ["a.py::test_other", "a.py::T::test_lru_evict", "b.py::test_ttl"])
        == "a.py::T::test_lru_evict"
    )


def test_nothing_alike_is_nothing() -> None:
    assert nearest("test_lru_evicts", ["a.py::zzz"]) is None
    assert nearest("test_lru_evicts", []) is None
    assert nearest("test_collapses", ["a.py::test_compat"]) is None  # every test begins with the same word


def test_the_name_is_found_among_many_that_share_no_word() -> None:
    many = [f"a.py::check_{at}" for at in range(1000)]

    assert nearest("test_lru", [*many, "z.py::test_lru_"]) == "z.py::test_lru_"
