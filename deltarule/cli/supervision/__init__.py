"""Child processes that are started by name, watched, started again when they die, and never left behind."""

from deltarule.cli.supervision.part import Part
from deltarule.cli.supervision.supervisor import Chore, StartError, Supervisor

__all__ = ["Chore", "Part", "StartError", "Supervisor"]
