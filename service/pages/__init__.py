"""The live page: templates, one style sheet, one script, and what they show."""
