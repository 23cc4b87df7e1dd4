"""Makes docs/terminal.svg, the README's picture of the command line, from what a real terminal shows.

Start a service (`deltarule up`), set DELTARULE_URL where it is not the usual address, and run it in the repository:
`.venv/bin/python docs/recording.py`. It needs tmux, which is the terminal.
"""

import io
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

WIDTH, HEIGHT = 88, 60
TABLE = "examples/penguins.csv"
PICTURE = Path(__file__).parent / "terminal.svg"
FONTS = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
"""Rich would have the picture fetch its font from another host; any font of equal widths will do."""


def main() -> None:
    """Run the commands one after the other, and write what they left on the screen."""
    screen = Console(record=True, width=WIDTH, force_terminal=True, color_system="truecolor", file=io.StringIO())
    trained = _shown(screen, f"deltarule train {TABLE} --target species --layers 32:relu,16:tanh")
    model = next(word for word in trained.splitlines() if "deltarule predict" in word).split()[2]
    _shown(screen, f"deltarule predict {model} {TABLE}")
    svg = screen.export_svg(title="deltarule", code_format=FONTS.sub("", CONSOLE_SVG_FORMAT), unique_id="deltarule")
    PICTURE.write_text(svg)
    print(f"{PICTURE} has {len(svg) // 1000} kB.")


def _shown(screen: Console, command: str) -> str:
    """Run the command in a terminal of its own, and add its last picture to the screen, below the prompt."""
    server = ("tmux", "-L", f"deltarule-{os.getpid()}", "-f", os.devnull)
    program = shlex.join([sys.executable, "-m", "deltarule.cli.main", *shlex.split(command)[1:]])
    size = ("-x", str(WIDTH), "-y", str(HEIGHT))
    start = ("new-session", "-d", *size, f"{program}; exec sleep infinity")
    subprocess.run([*server, "set-option", "-g", "default-terminal", "tmux-256color", ";", *start], check=True)
    try:
        shown = _ended(server)
    finally:
        subprocess.run([*server, "kill-server"], check=True)
    screen.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    for line in [*shown.rstrip().splitlines(), ""]:
        screen.print(Text.from_ansi(line), soft_wrap=True)
    return Text.from_ansi(shown).plain


def _ended(server: tuple[str, ...]) -> str:
    """The picture, with its colours, once the command has made room for what waits after it."""
    while True:
        running = subprocess.run(
            [*server, "display", "-p", "#{pane_current_command}"], capture_output=True, text=True, check=True
        )
        if running.stdout.strip() == "sleep":
            answer = subprocess.run(
                [*server, "capture-pane", "-e", "-p", "-J"], capture_output=True, text=True, check=True
            )
            return answer.stdout
        time.sleep(0.1)


if __name__ == "__main__":
    main()
