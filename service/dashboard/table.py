"""The pages of the dashboard: one line for each. Nothing here loads Dash."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """The rule of a page's path, its title, its module in `pages`, and what the navigation calls it, if it does."""

    path: str
    title: str
    module: str
    entry: str | None = None


PAGES = (
    Page("/", "Jobs", "jobs", entry="Jobs"),
    Page("/jobs/<id:job_id>", "Job", "job"),
)
"""In the order of the navigation."""
