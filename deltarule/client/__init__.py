"""The users' side of the HTTP API: a client that speaks the contract and knows nothing behind it."""

from deltarule.client.answers import Dataset, Epoch, History, Prediction
from deltarule.client.client import Client
from deltarule.client.errors import (
    ClientError,
    InvalidInput,
    JobFailed,
    NotFound,
    Refused,
    ServiceFault,
    Unauthorized,
    UnexpectedAnswer,
    Unreachable,
)
from deltarule.client.job import Job
from deltarule.client.model import Model
from deltarule.client.notebook import Chart

__all__ = [
    "Chart",
    "Client",
    "ClientError",
    "Dataset",
    "Epoch",
    "History",
    "InvalidInput",
    "Job",
    "JobFailed",
    "Model",
    "NotFound",
    "Prediction",
    "Refused",
    "ServiceFault",
    "Unauthorized",
    "UnexpectedAnswer",
    "Unreachable",
]
