"""What travels is frozen, and nothing in it is ignored silently."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """Base of every definition: frozen, strict about types, finite numbers only, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


Vector = Annotated[tuple[float, ...], Field(strict=False, fail_fast=True)]
"""A vector of finite numbers; a list is taken too. The first fault ends the reading: millions could follow."""

Matrix = Annotated[tuple[Vector, ...], Field(strict=False, fail_fast=True)]
"""Rows of finite numbers; lists of lists are taken too."""
