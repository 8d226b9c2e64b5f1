"""`zoo-cli push` and `zoo-cli pull`: models to and from the Hugging Face Hub."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import MODEL_HELP, Overwrite
from zoo.cli.shell.keras_quietly import import_keras
from zoo.cli.shell.terminal import say, say_json

if TYPE_CHECKING:
    from zoo.publish.plan import Push


def push(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Model folder.")],
    repo: Annotated[
        str, typer.Argument(metavar="ORG/NAME", help="Repository, org/name.")
    ],
    version: Annotated[
        str, typer.Option(help="X.Y.Z, higher than all published versions.")
    ],
    private: Annotated[
        bool, typer.Option("--private", help="Create the repository as private.")
    ] = False,
    pr: Annotated[
        bool, typer.Option("--pr", help="Open a pull request instead.")
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Check and list everything, change nothing."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Publish a model folder as a version on the Hugging Face Hub.

    Golden values and card are checked first. A version never changes afterwards.

    Example: zoo-cli push m me/my-bts --version 1.0.0 --dry-run
    """
    from zoo.model_folder.folder import open_folder
    from zoo.publish.push import check_name, publish

    check_name(repo, version)
    checked = open_folder(folder)
    import_keras()
    done = publish(checked, repo, version, private, dry_run, pr)
    if as_json:
        edited = {"card_edited": checked.card_is_edited}
        say_json({**asdict(done), "dry_run": dry_run, **edited})
        return
    if checked.card_is_edited:
        say("README.md was edited by hand: its text is kept, its header is computed")
    say(*_described(done, dry_run))


def pull(
    model: Annotated[
        str,
        typer.Argument(
            metavar="ORG/NAME[@REV]", help=MODEL_HELP, autocompletion=completion.models
        ),
    ],
    out: Annotated[Path, typer.Option(help="Model folder to write.")],
    overwrite: Overwrite = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Copy a model to a folder for offline use, checking every file.

    Example: zoo-cli pull me/my-bts@v1.0.0 --out my-bts
    """
    from zoo.hub.find import pull as copy
    from zoo.model_folder.manifest import read_manifest

    preset = read_manifest(copy(model, out, overwrite=overwrite)).preset
    if as_json:
        report = {"model": preset.model_id, "revision": f"v{preset.version}"}
        say_json({**report, "folder": str(out)})
        return
    say(f"{out}: {preset.model_id}@v{preset.version}")


def _described(done: "Push", dry_run: bool) -> list[str]:
    """What a push changes, or changed, line by line."""
    new = f" (new, {'private' if done.private else 'public'})" if done.creates else ""
    lines = [f"{done.repo}{new} {done.tag}"]
    lines += [
        f"  {change.action:8}{change.path} ({change.size:,} bytes)"
        for change in done.changes
    ]
    if dry_run:
        commit = f"one commit on {done.head[:8] or 'a new branch main'}"
        steps = [commit] if done.commits else []
        if done.pr and done.commits:
            steps = [f"a pull request with {commit}"]
        else:
            steps.append(f"tag {done.tag}")
        lines.append(f"would be: {', then '.join(steps)}")
    elif done.pull_request:
        lines.append(
            f"pull request: {done.pull_request}; after it is merged, push again to set "
            f"the tag {done.tag}"
        )
    else:
        lines.append(f'published: zoo.load("{done.repo}@{done.tag}")')
    return lines
