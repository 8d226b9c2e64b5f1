"""A small local hub that the real `huggingface_hub` client talks to over HTTP.

Nothing installable accepts pushes offline, so the tests of push, pull and load run
against this server: repositories live in memory, every request is logged, and faults
(an error, a cut connection, a flipped byte) can be ordered for the requests to come.

    hub = Hub(tokens={"hf_astro": ("astro", "transient-zoo")})
    server, url = serve(hub)

Paths a fault can match, beside those of the public hub (`/api/...`,
`/{repo}/resolve/{revision}/{file}`): `/lfs/{sha256}` and `/lfs/{sha256}/{part}` take
uploads, `/cas/...` is the Xet store.
"""

from minihub.faults import Fault
from minihub.hub import Hub
from minihub.server import serve

__all__ = ["Fault", "Hub", "serve"]
