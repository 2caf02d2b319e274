"""The matrix: every supported Python, the lowest allowed pytest, and the built wheel."""

from __future__ import annotations

import nox

nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["tests", "lowest"]


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run the whole suite."""
    session.install("-e", ".", "--group", "test") if session.venv_backend == "uv" else _install_with_pip(session)
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python="3.11")
def lowest(session: nox.Session) -> None:
    """Run the plugin's own claims with the lowest versions that pyproject.toml allows."""
    session.install("-e", ".", "--group", "test", "pytest==8.0.*", "coverage==7.6.1", "pluggy==1.5.*", "rich==13.7.*")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session(python="3.13")
def soak(session: nox.Session) -> None:
    """Judge every history of the long tables, of which the ordinary run takes a sample."""
    session.install("-e", ".", "--group", "test") if session.venv_backend == "uv" else _install_with_pip(session)
    session.run("pytest", "-n", "2", "-m", "soak", *session.posargs)


@nox.session(python="3.13")
def wheel(session: nox.Session) -> None:
    """Install the wheel as a stranger would, and run its main job."""
    session.install(".")
    session.run("phasegate", "demo", session.create_tmp())


def _install_with_pip(session: nox.Session) -> None:
    session.install("--upgrade", "pip>=25.1")
    session.install("-e", ".", "--group", "test")
