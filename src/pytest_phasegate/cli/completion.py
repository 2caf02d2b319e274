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
    words = {command: _words(cli.parser_of(command)) for command in cli.COMMANDS}
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell](words), end="")
    return 0


def _words(parser: argparse.ArgumentParser) -> list[str]:
    """Every long option of a parser, and the choices of its positional arguments."""
    actions = parser._actions  # noqa: SLF001 - argparse offers no public way to ask
    long = [option for action in actions for option in action.option_strings if option.startswith("--")]
    choices = [str(choice) for action in actions if not action.option_strings for choice in action.choices or ()]
    return [*choices, *long]


def _bash(words: dict[str, list[str]]) -> str:
    return f"""\
_phasegate() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} command= each candidates
    for each in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$each" in {"|".join(words)}) command=$each; break ;; esac
    done
    case "$command" in
{_cases(words)}
        *) candidates="{" ".join(words)}" ;;
    esac
    COMPREPLY=($(compgen -W "$candidates" -- "$word"))
}}
complete -o default -F _phasegate phasegate
"""


def _zsh(words: dict[str, list[str]]) -> str:
    listing = "\n".join(f"            '{name}:{_plain(cli.COMMANDS[name])}'" for name in words)
    return f"""\
#compdef phasegate
_phasegate() {{
    local each candidates
    local -a commands
    if (( CURRENT == 2 )); then
        commands=(
{listing}
        )
        _describe 'command' commands
        return
    fi
    case "$words[2]" in
{_cases(words)}
    esac
    compadd -- ${{=candidates}}
    _files
}}
compdef _phasegate phasegate
"""


def _fish(words: dict[str, list[str]]) -> str:
    known = f"__fish_seen_subcommand_from {' '.join(words)}"
    lines = [f"complete -c phasegate -n 'not {known}' -f"]
    for name, candidates in words.items():
        lines.append(f"complete -c phasegate -n 'not {known}' -a {name} -d '{_plain(cli.COMMANDS[name])}'")
        lines += [_fish_line(name, word) for word in candidates]
    return "\n".join(lines) + "\n"


def _fish_line(command: str, word: str) -> str:
    offer = f"-l {word[2:]}" if word.startswith("--") else f"-a {word}"
    return f"complete -c phasegate -n '__fish_seen_subcommand_from {command}' {offer}"


def _cases(words: dict[str, list[str]]) -> str:
    return "\n".join(f'        {name}) candidates="{" ".join(found)}" ;;' for name, found in words.items())


def _plain(summary: str) -> str:
    return summary.replace("'", "").replace(":", ",")
