"""`python -m invito` is `invito`."""

from invito.cli import app

app()
