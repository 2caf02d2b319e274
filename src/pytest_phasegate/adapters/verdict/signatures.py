"""Signatures of statements, made and checked by ``ssh-keygen -Y``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from pytest_phasegate.errors import PhasegateError

NAMESPACE = "phasegate-attestation"
"""What a signature is for: one that was made for something else (git's are for ``git``) is none."""
SUFFIX = ".sig"


class Signed(NamedTuple):
    """What is known of a signature: ``by`` who made it (nobody, where nobody vouches for the key), or ``fault``."""

    by: str = ""
    key: str = ""
    fault: str = ""


def sign(content: bytes, key: Path) -> str:
    """Return the signature of a content by a key; ssh-keygen asks for its passphrase, or the agent has it.

    Raises:
        PhasegateError: The key cannot sign.
    """
    if not key.is_file():
        raise PhasegateError(f"there is no key {str(key)!r}", hint="ssh-keygen -t ed25519 -f KEY makes one")
    done = _ask("sign", "-f", str(key), content=content)
    if done.returncode:
        raise PhasegateError(f"{key} signs nothing: {_said(done)}")
    return done.stdout.decode("ascii")


def signed(content: bytes, signature: Path, allowed: Path | None) -> Signed:
    """Return who signed a content, by a file of allowed signers; without one, only whether the signature is of it.

    Raises:
        PhasegateError: The file of allowed signers cannot be read, or there is no ssh-keygen.
    """
    if allowed is None:
        done = _ask("check-novalidate", "-s", str(signature), content=content)
        fault = f"its signature is none of this file: {_said(done)}" if done.returncode else ""
        return Signed(key="" if fault else _key(done), fault=fault)
    if not os.access(allowed, os.R_OK) or not allowed.is_file():
        raise PhasegateError(f"{allowed} cannot be read", hint="see ALLOWED SIGNERS in man ssh-keygen")
    found = _ask("find-principals", "-s", str(signature), "-f", str(allowed))
    if found.returncode:
        return Signed(fault=f"nobody in {allowed} signed it: {_said(found)}")
    for principal in found.stdout.decode("utf-8", "replace").splitlines():
        done = _ask("verify", "-f", str(allowed), "-I", principal, "-s", str(signature), content=content)
        if not done.returncode:
            return Signed(principal, _key(done))
    return Signed(fault=f"its signature is none of this file: {_said(done)}")


def _ask(what: str, *arguments: str, content: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    space = () if what == "find-principals" else ("-n", NAMESPACE)
    try:
        return subprocess.run(
            ["ssh-keygen", "-Y", what, *space, *arguments], input=content, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise PhasegateError("there is no ssh-keygen here", hint="install OpenSSH (8.2 or newer)") from None


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else f"ssh-keygen left with {done.returncode}"


def _key(done: subprocess.CompletedProcess[bytes]) -> str:
    """Return the kind of the key and its fingerprint, as ssh-keygen tells them last."""
    return done.stdout.decode("utf-8", "replace").strip().rpartition(" with ")[2]
