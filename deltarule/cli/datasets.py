"""The tables that were uploaded."""

from deltarule.cli.display.words import ago, size
from deltarule.cli.options import AsJson, Limit, Url
from deltarule.cli.output import print_json, print_table, say
from deltarule.client import Client


def datasets(limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """List uploaded tables, newest first."""
    with Client(url) as client:
        found = list(client.datasets(limit=limit))
    if as_json:
        return print_json([dataset.document for dataset in found])
    if not found:
        return say("There are no datasets yet; `deltarule train FILE --target COLUMN` uploads one.")
    rows = [
        (each.id, f"{each.rows:,} × {len(each.columns)}", size(each.bytes), ago(each.created_at), each.name or "–")
        for each in found
    ]
    return print_table(("id", "shape", "size", "made", "name"), rows, ("shape", "size"))
