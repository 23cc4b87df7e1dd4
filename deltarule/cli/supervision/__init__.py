"""Child processes that are started by name, watched, started again when they die, and never left behind."""

from deltarule.cli.supervision.lost import LostWorkers
from deltarule.cli.supervision.part import Death, Part
from deltarule.cli.supervision.supervisor import Chore, StartError, Supervisor

__all__ = ["Chore", "Death", "LostWorkers", "Part", "StartError", "Supervisor"]
