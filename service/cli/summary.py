"""What a sweep found, in the terminal: map, largest stable learning rates, recommendation, where to look."""

from rich.console import Console

from service.cli.output import out
from service.client import Client, Json

NARROWEST, WIDEST = 60, 160


def show_findings(client: Client, sweep: Json) -> None:
    """Print the stability map, the edges and the recommendation so far."""
    width, color = text_style(out)
    print_text(client.summary(sweep["id"], width=width, color=color))


def text_style(console: Console) -> tuple[int, bool]:
    """Width and colour that suit the terminal; a file gets neither colour nor a narrow column."""
    width = min(max(console.width, NARROWEST), WIDEST) if console.is_terminal else 120
    return width, console.is_terminal and console.color_system is not None


def print_text(text: str) -> None:
    """Print text that has its colours in it already."""
    out.file.write(f"\n{text}\n")
    out.file.flush()


def show_links(client: Client, sweep: Json) -> None:
    """Where to look next."""
    for name in ("page", "report", "mlflow"):
        if sweep["links"][name]:
            out.print(f"  {name:<17} {absolute(client.url, sweep['links'][name])}", soft_wrap=True)


def absolute(base: str, link: str) -> str:
    """A link of an answer as an address that can be opened."""
    return link if link.startswith("http") else base + link
