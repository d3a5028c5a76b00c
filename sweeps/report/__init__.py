"""An analysis to look at: as a page, as Markdown, as pictures, in a terminal."""

from sweeps.report.html import render_html
from sweeps.report.markdown import render_markdown
from sweeps.report.png import render_pngs
from sweeps.report.sample import sample_numbers

__all__ = ["render_html", "render_markdown", "render_pngs", "sample_numbers"]
