"""The pages of the dashboard: one line for each. Nothing here loads Dash."""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule

from service.identifiers import Identifier


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the dashboard.

    Attributes:
        path: the rule of its path.
        title: what the browser's tab says.
        module: its file in `pages`.
        entry: what the navigation calls it, if it does.
        has_grid: whether it shows a grid, whose library is then loaded with the page.
    """

    path: str
    title: str
    module: str
    entry: str | None = None
    has_grid: bool = False


PAGES = (
    Page("/", "Jobs", "jobs", entry="Jobs", has_grid=True),
    Page("/jobs/<id:job_id>", "Job", "job"),
    Page("/new", "New job", "new", entry="New job"),
    Page("/compare", "Compare jobs", "compare", entry="Compare"),
    Page("/datasets", "Datasets", "datasets", entry="Datasets", has_grid=True),
    Page("/datasets/<id:dataset_id>", "Dataset", "dataset"),
    Page("/models", "Models", "models", entry="Models", has_grid=True),
    Page("/models/<id:model_id>", "Model", "model"),
    Page("/stepper", "Backpropagation, step by step", "stepper", entry="Stepper"),
    Page("/lessons", "Lessons", "lessons", entry="Lessons"),
)
"""In the order of the navigation."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page, and what its path names."""

    page: Page
    variables: Mapping[str, str]


_addresses = Map(
    [Rule(page.path, endpoint=number) for number, page in enumerate(PAGES)],
    converters={"id": Identifier},
    merge_slashes=False,
).bind("")


def page_at(path: str) -> Found | None:
    """The page at this path."""
    try:
        number, variables = _addresses.match(path)
    except NotFound:
        return None
    return Found(PAGES[number], variables)


def title_of(found: Found | None) -> str:
    """What the browser's tab says."""
    return f"{found.page.title} · Deltarule" if found else "Nothing here · Deltarule"
