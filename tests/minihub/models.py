"""GET /api/models: search, and the description of one model."""

from minihub.access import can_see, readable
from minihub.cards import card_data, card_tags, eval_results
from minihub.messages import REPO, REVISION, Request, Response, route
from minihub.repos import Commit, Repo

SHORT = ("_id", "id", "modelId", "private", "tags", "library_name", "pipeline_tag")


def describe(repo: Repo, commit: Commit, *, blobs: bool = False) -> dict:
    """All the hub tells about a model at a commit."""
    card = card_data(commit)
    siblings = [{"rfilename": path} for path in sorted(commit.files)]
    if blobs:
        for sibling in siblings:
            blob = commit.files[sibling["rfilename"]]
            sibling |= {"blobId": blob.oid, "size": len(blob.data)}
            if blob.lfs:
                sibling["lfs"] = blob.describe()["lfs"] | {"sha256": blob.sha256}
    return {
        "_id": repo.id,
        "id": repo.id,
        "modelId": repo.id,
        "author": repo.namespace,
        "sha": commit.oid,
        "lastModified": commit.date,
        "createdAt": next(iter(repo.commits.values())).date,
        "private": repo.private,
        "gated": repo.gated,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "library_name": (card or {}).get("library_name"),
        "pipeline_tag": (card or {}).get("pipeline_tag"),
        "tags": card_tags(card),
        "cardData": card,
        "evalResults": eval_results(commit),
        "siblings": siblings,
    }


def select(request: Request, model: dict) -> dict:
    """Of a model's description, what the query of a listing asks for."""
    expand = request.query.get("expand")
    if expand:
        return {key: model.get(key) for key in ("_id", "id", "modelId", *expand)}
    if request.flag("full") or request.flag("cardData"):
        return model
    return {key: model[key] for key in SHORT}


def wanted(request: Request, model: dict) -> bool:
    """Whether the model satisfies `author`, `search` and every `filter`."""
    query = request.query
    return (
        query.get("author", [model["author"]])[0] == model["author"]
        and query.get("search", [""])[0].lower() in model["id"].lower()
        and set(query.get("filter", [])) <= set(model["tags"])
    )


@route("GET", r"/api/models")
def list_models(request: Request) -> Response:
    repos = [repo for repo in request.hub.repos.values() if can_see(request, repo)]
    models = [describe(repo, repo.resolve("main")) for repo in repos]
    found = [select(request, model) for model in models if wanted(request, model)]
    limit = int(request.query.get("limit", [len(found)])[0])
    return Response.json(found[:limit])


@route("GET", rf"/api/models/{REPO}")
def model_info(request: Request, repo_id: str) -> Response:
    return revision_info(request, repo_id, "main")


@route("GET", rf"/api/models/{REPO}/revision/{REVISION}")
def revision_info(request: Request, repo_id: str, revision: str) -> Response:
    repo = readable(request, repo_id)
    model = describe(repo, repo.resolve(revision), blobs=request.flag("blobs"))
    return Response.json(select(request, model) if "expand" in request.query else model)
