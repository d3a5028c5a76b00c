"""An analysis to look at: as a page, as Markdown, as pictures, in a terminal."""
