"""An analysis to look at: as a page, as Markdown, as pictures, in a terminal."""

from sweeps.report.html import render_html
from sweeps.report.markdown import render_markdown

__all__ = ["render_html", "render_markdown"]
