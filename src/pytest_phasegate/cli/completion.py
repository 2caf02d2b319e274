"""``phasegate completion SHELL``: a completion script, made from the parsers themselves."""

from __future__ import annotations

import argparse

from pytest_phasegate import cli


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("shell", choices=("bash", "zsh", "fish"))
    parser.epilog = (
        'bash: eval "$(phasegate completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc after compinit; '
        "fish: phasegate completion fish > ~/.config/fish/completions/phasegate.fish"
    )


def run(options: argparse.Namespace) -> int:
    """Print the script of one shell."""
    import shtab

    parser = argparse.ArgumentParser(prog="phasegate")
    commands = parser.add_subparsers()
    for name, summary in cli.COMMANDS.items():
        commands.add_parser(name, help=summary, parents=[cli.parser_of(name)], conflict_handler="resolve")
    print(shtab.complete(parser, options.shell))
    return 0
