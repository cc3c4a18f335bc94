"""Serves one application by one server: `python -m benchmarks.serving mock|constant SERVER THREADS`."""

import json
import sys
from pathlib import Path
from wsgiref.types import WSGIApplication

WORLD = Path(__file__).with_name("world.yaml")


def constant() -> WSGIApplication:
    """The least a Flask application can do: the yardstick of every ratio."""
    from flask import Flask, Response

    app = Flask("constant")
    body = json.dumps({"request_id": "0d0e5bd5-3b58-4b0e-8a51-5be8ea4e8e3a", "data": {"status": "booked"}})

    @app.get("/")
    def answer() -> Response:
        return Response(body, content_type="application/json")

    return app


def main(what: str, by: str, threads: int) -> None:
    from mockserver.server import listen, serve

    sock = listen("127.0.0.1", 0)
    port = sock.getsockname()[1]
    if what == "constant":
        app = constant()
    else:
        from mockserver.app import create_app
        from mockserver.settings import Settings

        app = create_app(Settings(scenarios=(str(WORLD),)), port).wsgi
    print(f"{what} is ready at http://127.0.0.1:{port}", flush=True)
    if by == "granian":
        serve(app, sock, lambda: None, threads=threads)
    else:
        import waitress

        waitress.serve(app, sockets=[sock], threads=threads, _quiet=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
