import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from service.app import create_app
app = create_app()
client = app.test_client()
assert client.get("/healthz").status_code == 200
assert client.get("/sign-in").status_code == 200
assert client.get("/nothing").status_code == 404
loaded = {name.partition(".")[0] for name in sys.modules} & {"dash", "plotly", "dash_mantine_components"}
assert not loaded, loaded
assert client.get("/").status_code == 200
assert "dash" in sys.modules
"""


def test_the_api_does_not_load_the_dashboard_before_a_page_is_asked_for(sqlite_url: str, tmp_path: Path) -> None:
    environment = {"DELTARULE_DATABASE_URL": sqlite_url, "DELTARULE_DATA": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, env=environment)
