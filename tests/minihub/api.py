"""Routes under /api for users, repositories and references."""

import json

from minihub.access import downloadable, readable, require_login, writable
from minihub.cards import parse_card
from minihub.messages import REPO, REVISION, HubError, Request, Response, route
from minihub.repos import Repo


@route("GET", r"/api/whoami-v2")
def whoami(request: Request) -> Response:
    name, *organisations = require_login(request)
    token = {"displayName": "test", "role": "write"}
    return Response.json(
        {
            "type": "user",
            "name": name,
            "fullname": name,
            "orgs": [{"type": "org", "name": org} for org in organisations],
            "auth": {"type": "access_token", "accessToken": token},
        }
    )


@route("GET", r"/api/agent-harnesses")
def agent_harnesses(request: Request) -> Response:
    """Asked once a day by the client, to name the agent that runs it: none known."""
    return Response.json({})


@route("POST", r"/api/validate-yaml")
def validate_yaml(request: Request) -> Response:
    try:
        parse_card(request.json()["content"])
    except ValueError as error:
        problems = {"errors": [{"message": str(error)}], "warnings": []}
        raise HubError(400, "Invalid metadata", body=problems) from error
    return Response.json({"errors": [], "warnings": []})


def named_repo(request: Request) -> tuple[str, dict]:
    """The repo id that the body of a create or delete request names, and the body."""
    spaces, body = require_login(request), request.json()
    if body.get("type") not in (None, "model"):
        raise HubError(400, "minihub keeps only model repositories")
    return f"{body.get('organization') or spaces[0]}/{body['name']}", body


@route("POST", r"/api/repos/create")
def create_repo(request: Request) -> Response:
    repo_id, body = named_repo(request)
    url = f"{request.hub.url}/{repo_id}"
    repo = Repo(repo_id)
    repo.private = body.get("visibility") == "private" or bool(body.get("private"))
    if repo.namespace not in require_login(request):
        message = f"You don't have the rights to create a model under {repo.namespace}"
        raise HubError(403, message)
    if repo_id in request.hub.repos:
        message = "You already created this model repo"
        raise HubError(409, message, body={"url": url})  # for exist_ok
    request.hub.repos[repo_id] = repo
    return Response.json({"url": url, "name": repo_id, "id": repo_id})


@route("DELETE", r"/api/repos/delete")
def delete_repo(request: Request) -> Response:
    repo_id, _ = named_repo(request)
    del request.hub.repos[writable(request, repo_id).id]
    return Response.json({})


@route("GET", rf"/api/models/{REPO}/auth-check(/write)?")
def auth_check(request: Request, repo_id: str, write: str | None) -> Response:
    (writable if write else downloadable)(request, repo_id)
    return Response.json({})


@route("GET", rf"/api/models/{REPO}/refs")
def refs(request: Request, repo_id: str) -> Response:
    repo = readable(request, repo_id)

    def listed(prefix: str, names: dict[str, str]) -> list[dict]:
        return [
            {"name": name, "ref": prefix + name, "targetCommit": oid}
            for name, oid in names.items()
        ]

    answer = {
        "branches": listed("refs/heads/", repo.branches),
        "tags": listed("refs/tags/", repo.tags),
        "converts": [],
    }
    if request.flag("include_prs"):
        answer["pullRequests"] = listed("", repo.pulls)
    return Response.json(answer)


@route("POST", rf"/api/models/{REPO}/tag/{REVISION}")
def create_tag(request: Request, repo_id: str, revision: str) -> Response:
    repo, tag = writable(request, repo_id), request.json()["tag"]
    if tag in repo.tags:
        raise HubError(409, "Tag reference exists already")
    repo.tags[tag] = repo.resolve(revision).oid
    return Response.json({})


@route("DELETE", rf"/api/models/{REPO}/tag/{REVISION}")
def delete_tag(request: Request, repo_id: str, tag: str) -> Response:
    return _delete_name(writable(request, repo_id).tags, tag)


@route("POST", rf"/api/models/{REPO}/branch/{REVISION}")
def create_branch(request: Request, repo_id: str, branch: str) -> Response:
    repo = writable(request, repo_id)
    if branch in repo.branches:
        raise HubError(409, "Reference already exists")
    start = (json.loads(request.body or b"null") or {}).get("startingPoint", "main")
    repo.branches[branch] = repo.resolve(start).oid
    return Response.json({})


@route("DELETE", rf"/api/models/{REPO}/branch/{REVISION}")
def delete_branch(request: Request, repo_id: str, branch: str) -> Response:
    return _delete_name(writable(request, repo_id).branches, branch)


def _delete_name(names: dict[str, str], name: str) -> Response:
    if names.pop(name, None) is None:
        raise HubError(404, f"no reference {name}", "RevisionNotFound")
    return Response.json({})
