"""Errors of the hub, each as one sentence with a remedy."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError

from zoo.hub.client import client, published_versions
from zoo.spelling import did_you_mean

_NO_CACHE = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)

SHORT = "Consistency check failed"
"""The client's words for a file that has another size than announced."""


@contextmanager
def explained(repo: str) -> Iterator[None]:
    """Turn an error of the client into one sentence with a remedy."""
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        raise PermissionError(
            f"{repo} is gated: ask for access on its page, then log in with "
            "`hf auth login` or set HF_TOKEN."
        ) from None
    except errors.RepositoryNotFoundError:
        raise KeyError(
            f"the hub has no model {repo!r} (and there is no such folder), or it is "
            "private and your token gives no access: log in with `hf auth login` or "
            f"set HF_TOKEN.{_near(repo)}"
        ) from None
    except errors.RevisionNotFoundError:
        raise KeyError(f"{repo} has no such revision.{_versions_of(repo)}") from None
    except errors.LocalTokenNotFoundError:
        raise _denied(repo) from None
    except errors.HFValidationError:
        raise KeyError(f"{repo!r} is not a model name: write org/name.") from None
    except errors.OfflineModeIsEnabled:
        raise ConnectionError(
            f"{repo}: HF_HUB_OFFLINE is set, so the hub was not contacted."
        ) from None
    except errors.HfHubHTTPError as error:
        raise refused(repo, error) from None
    except errors.HTTPError as error:
        raise ConnectionError(
            f"{repo}: the hub cannot be reached ({type(error).__name__}: {error}). Try "
            "again later."
        ) from None
    except JSONDecodeError:
        raise ConnectionError(
            f"{repo}: what answers in place of the hub sends no JSON. That may be the "
            "login page of a network or a proxy: open any page in a browser, or check "
            "HF_ENDPOINT, then try again."
        ) from None
    except OSError as error:
        if error.errno in _NO_CACHE:
            from huggingface_hub.constants import HF_HUB_CACHE

            raise OSError(
                f"{repo} cannot be kept in {HF_HUB_CACHE}: "
                f"{os.strerror(error.errno)}. Set HF_HUB_CACHE to a folder of yours."
            ) from None
        if SHORT not in str(error):
            raise
        raise ConnectionError(
            f"{repo}: {str(error).splitlines()[0]}. The hub sends less than it "
            "announces: try again later."
        ) from None


def refused(repo: str, error) -> OSError:
    """The error to raise for an answer of the hub with an error status."""
    status = error.response.status_code
    words = (error.server_message or "").splitlines()[:1]
    reason = f" ({words[0]})" if words else ""
    if status in (401, 403):
        return _denied(repo, reason)
    if status == 429:
        return ConnectionError(
            f"{repo}: the hub asks for fewer requests (429). Try again later."
        )
    return ConnectionError(
        f"{repo}: the hub answered {status}{reason}. Try again later."
    )


def _denied(repo: str, reason: str = "") -> PermissionError:
    return PermissionError(
        f"{repo}: the hub refuses your token or there is none{reason}. Log in with "
        "`hf auth login`, or set HF_TOKEN to a token that may write there."
    )


def _near(repo: str) -> str:
    """A hint at a model of the same author with a similar name, if there is one."""
    try:
        names = [m.id for m in client().list_models(author=repo.partition("/")[0])]
    except Exception:  # no second error because of a hint
        return ""
    return did_you_mean(repo, names)


def _versions_of(repo: str) -> str:
    try:
        tags = published_versions(repo)
    except Exception:
        return ""
    return f" Versions: {', '.join(tags) or 'none'}."
