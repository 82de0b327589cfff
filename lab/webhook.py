"""A receiver of Alertmanager's webhook that writes each notification down: `python -m lab.webhook PORT FILE`.

Stands in for the on-call's telephone in the lab; it sends nothing on.
"""

import sys
from pathlib import Path

from aiohttp import web


def build_app(file: Path) -> web.Application:
    """An application that appends the body of each POST to `file` as one line of JSON."""

    async def record(request: web.Request) -> web.Response:
        body = await request.text()
        with file.open("a", encoding="utf-8") as notifications:
            notifications.write(body.replace("\n", " ") + "\n")
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_post("/", record)
    return app


if __name__ == "__main__":
    web.run_app(build_app(Path(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]), print=None)
