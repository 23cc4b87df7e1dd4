"""Training jobs: check, queue, list, poll, cancel, remove."""

import json

from apiflask import APIBlueprint, EmptySchema
from flask import Response, request

from deltarule.training.spec import Spec
from service.authentication import owner
from service.examples import JOBS
from service.idempotency import create
from service.parsing import read_json
from service.schemas.answer import no_content
from service.schemas.jobs import JobAnswer, JobDetail, JobPage, JobQuery, Validation
from service.schemas.pages import JobListQuery, next_page
from service.services import services
from service.submission import accepted, prepare, submit, validation

blueprint = APIBlueprint("jobs", __name__, url_prefix="/v1/jobs", tag="Jobs")


@blueprint.post("")
@blueprint.input(Spec, examples=JOBS)
@blueprint.output(JobAnswer, 202)
def queue_job(json_data: Spec) -> Response:
    """Queue a training job.

    Only a data source and the target are required; `spec` in the answer shows every default that was chosen.
    """
    return create(
        lambda: json.dumps(read_json(request.get_data()), sort_keys=True).encode(),
        lambda idempotency: submit(services(), owner(), prepare(services(), owner(), json_data), idempotency),
        accepted,
    )


@blueprint.post("/validate")
@blueprint.input(Spec, examples=JOBS)
@blueprint.output(Validation)
def validate_job(json_data: Spec) -> Validation:
    """Check a job without queueing it: the resolved spec, the number of parameters, memory and time."""
    return validation(prepare(services(), owner(), json_data))


@blueprint.get("")
@blueprint.input(JobListQuery, location="query")
@blueprint.output(JobPage)
def list_jobs(query_data: JobListQuery) -> JobPage:
    """List jobs, newest first."""
    page = services().jobs.page(
        owner(), query_data.limit, query_data.cursor, status=query_data.status, name=query_data.name
    )
    items = tuple(JobAnswer.of(job) for job in page.items)
    return JobPage(items=items, next=next_page("/v1/jobs", query_data, page))


@blueprint.get("/<id:job_id>")
@blueprint.input(JobQuery, location="query")
@blueprint.output(JobDetail)
@blueprint.doc(responses={429: "Too many requests wait already."})
def describe_job(job_id: str, query_data: JobQuery) -> JobDetail:
    """Tell how a job stands, at once or when its status changes."""
    jobs, mine = services().jobs, owner()
    if query_data.wait and not (status := jobs.status(mine, job_id)).ended:
        services().waiting.until_other(status, lambda: jobs.status(mine, job_id), query_data.wait)
    return JobDetail.with_transitions(*jobs.with_transitions(mine, job_id))


@blueprint.delete("/<id:job_id>")
@blueprint.output(EmptySchema, 204)
@blueprint.doc(responses={409: "A worker has the job; cancel it first."})
def remove_job(job_id: str) -> Response:
    """Remove a job with its history; its model and its dataset stay."""
    services().jobs.remove(owner(), job_id)
    return no_content()


@blueprint.post("/<id:job_id>/cancel")
@blueprint.output(JobAnswer, 202)
@blueprint.doc(responses={409: "The job has ended already."})
def cancel_job(job_id: str) -> JobAnswer:
    """Cancel a job: a queued one ends at once, a running one soon, keeping its history and its last weights."""
    return JobAnswer.of(services().jobs.cancel(owner(), job_id))
