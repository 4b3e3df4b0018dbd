"""Invito with the limits that it has by itself, and a field that takes whatever a value can be."""

import sys

import uvicorn

from invito.asgi import create_app
from invito.settings import read_settings

if __name__ == "__main__":
    settings = read_settings(database_url=sys.argv[1], plugins=("tests.invito.recording_plugin",), budget_cost=0)
    uvicorn.run(create_app(settings, demo=True), port=int(sys.argv[2]), log_level="error", access_log=False)
