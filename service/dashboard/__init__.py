"""The dashboard: pages for people, built with Dash, served by the same app as the API.

**To add a page**, write one file `pages/NAME.py` and one line in the table of `table.py`: its path, its title, its
place in the navigation. The file has a function `layout(query, **variables)`, which is given the address's query and
what its path names (`<id:job_id>`), and answers with what is shown, headed by `words.heading(...)`. It runs inside
the request: `services()` and `owner()` are those of the routes, and a `NotFound`, or any other error that it raises,
becomes a sentence on the page. Callbacks are Dash's own `@callback`, beside the layout they belong to; their ids
begin with the page's name. They run only for those who may (`access.py`), and what they raise becomes a sentence, too
(`failures.py`).

A page that changes by itself has one callback under `polling.polled`, which asks every second while something runs
and every five otherwise, never while the page is hidden, and never twice at once. Figures are plain dictionaries, as
Plotly takes them (`figures.py`), drawings are SVG (`components.Drawing`); both take their colours from the style
sheet, so that they follow light and dark. Styles and scripts go to `service/static/dashboard/`: the files there are
joined (`assets.py`). A page with a grid says so in the table, so that its library comes with it.

A page's document brings the page along (`shell.layout`); only who goes on from there asks for the next (`routing`).

The app loads `table`, `policy`, `access` and `routes`, which do without Dash; everything else comes with the first
page, or shortly after the start (`warming.py`).
"""
