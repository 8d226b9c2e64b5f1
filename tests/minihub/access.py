"""Who asks, and what they may see and change."""

from minihub.messages import HubError, Request
from minihub.repos import Repo


def namespaces(request: Request) -> tuple[str, ...]:
    """The namespaces of the token, the user's name first; empty for the anonymous."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer":
        return ()
    if token not in request.hub.tokens:
        raise HubError(401, "Invalid credentials in Authorization header")
    return request.hub.tokens[token]


def require_login(request: Request) -> tuple[str, ...]:
    """The namespaces of the token; the anonymous are refused."""
    spaces = namespaces(request)
    if not spaces:
        raise HubError(401, "Invalid username or password.")
    return spaces


def can_see(request: Request, repo: Repo) -> bool:
    return not repo.private or repo.namespace in namespaces(request)


def readable(request: Request, repo_id: str) -> Repo:
    """The repository; one the caller may not see is as good as missing."""
    spaces = namespaces(request)  # first: a bad token may not even see what is public
    repo = request.hub.repos.get(repo_id)
    if repo is None or not can_see(request, repo):
        status = 404 if spaces else 401
        raise HubError(status, "Repository not found", "RepoNotFound")
    return repo


def downloadable(request: Request, repo_id: str) -> Repo:
    """The repository, if its files are open to the caller.

    A gated repository shows its name, listing and card to all, but not its files.
    """
    repo = readable(request, repo_id)
    spaces = namespaces(request)
    if repo.gated and repo.namespace not in spaces:
        status = 403 if spaces else 401
        raise HubError(status, f"Access to model {repo_id} is restricted.", "GatedRepo")
    return repo


def writable(request: Request, repo_id: str) -> Repo:
    """The repository, if the caller may change it."""
    spaces = require_login(request)
    repo = readable(request, repo_id)
    if repo.namespace not in spaces:
        raise HubError(403, f"You don't have the rights to write to {repo_id}")
    return repo
