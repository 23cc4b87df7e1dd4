"""Lists come in pages, newest first."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from deltarule.store.records import Page
from deltarule.store.states import Status

Next = Annotated[str | None, Field(description="Path and query of the next page; null at the end.")]


class NoQuery(BaseModel):
    """No query parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ListQuery(NoQuery):
    """Which page of a list."""

    limit: int = Field(default=50, ge=1, le=200, description="The most items in one page.")
    cursor: str | None = Field(
        default=None,
        description="Where the page begins; take it from `next`.",
        json_schema_extra={"pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
    )


class JobListQuery(ListQuery):
    """Which page of the jobs, and which jobs."""

    status: Status | None = Field(default=None, description="Only jobs in this state.")
    name: str | None = Field(default=None, description="Only jobs of this name.")


def next_page(path: str, query: ListQuery, page: Page[Any]) -> str | None:
    """The address of the page after this one, if there is one."""
    if page.next is None:
        return None
    given: Mapping[str, Any] = query.model_dump(mode="json", exclude_unset=True, exclude_none=True)
    return f"{path}?{urlencode({**given, 'cursor': page.next})}"
