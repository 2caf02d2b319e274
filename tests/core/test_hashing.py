from __future__ import annotations

import hashlib

import pytest

from pytest_phasegate.core.hashing import blake2b, sha1, sha256


@pytest.mark.parametrize("size", [0, 1, 1000, (1 << 18) - 1, 1 << 18, 1 << 20])
def test_digests_are_those_of_hashlib(size: int) -> None:
    data = b"x" * size

    assert sha256(data) == hashlib.sha256(data).hexdigest()
    assert sha1(data) == hashlib.sha1(data, usedforsecurity=False).hexdigest()
    assert blake2b(data, digest_size=16).digest() == hashlib.blake2b(data, digest_size=16).digest()
