"""Where a model is, and the code that loads it from there, as its card has them."""

from zoo.hub.pins import model_of_the_zoo, pins
from zoo.model_folder.preset import Preset
from zoo.system.plain import as_code, plain

_IN_A_FOLDER = (
    "The model lies in the folder {folder}, and on no hub: run the blocks beside that "
    "folder, or write its path in place of its name."
)
_ON_THE_HUB = "The model is {repo} on the Hugging Face Hub."
_IN_THE_PACKAGE = (
    ' The package has the same files: `zoo.load("{model_id}")` needs no network, and '
    "`zoo-cli pull {model_id} --out DIR` copies them to a folder, whose path can stand "
    "in place of `snapshot_download(...)`. If the hub asks you to log in, the version "
    "is not published there yet: use these."
)


def loading(preset: Preset, folder: str) -> dict[str, str]:
    """Where the model is, and the pieces of code that load it from there.

    Args:
        preset: of the model.
        folder: name of its folder, by which it is loaded where it was not published.

    Example:
        >>> toy = Preset("toy-gru", ("SNIa", "other"), version="1.0.0")
        >>> loading(toy, "mine")["load"], loading(toy, "ztfsims-gru")["load"]
        ('"mine"', '"./ztfsims-gru"')
        >>> loading(toy.replace(repository="me/toy-gru"), "mine")["load"]
        '"me/toy-gru@v1.0.0"'
    """
    if not preset.repository:
        # An id of the zoo comes before a folder of that name.
        path = f"./{folder}" if folder in pins() else folder
        return {
            "where": _IN_A_FOLDER.format(folder=as_code(folder)),
            "load": _quoted(path),
            "download": "",
            "folder": _quoted(folder),
        }
    repo, revision = preset.repository, f"v{preset.version}"
    where = _ON_THE_HUB.format(repo=as_code(repo))
    if model_id := model_of_the_zoo(repo):
        where += _IN_THE_PACKAGE.format(model_id=model_id)
    return {
        "where": where,
        "load": _quoted(f"{repo}@{revision}"),
        "download": "from huggingface_hub import snapshot_download\n",
        "folder": f"snapshot_download({_quoted(repo)}, revision={_quoted(revision)})",
    }


def named(preset: Preset) -> str:
    """The model as a citation names it."""
    version = f"version {preset.version}"
    if not preset.repository:
        return f"its {version}"
    return f"{version} of https://huggingface.co/{preset.repository}"


def _quoted(name: str) -> str:
    """A name as a line of Python has it."""
    escaped = plain(name).replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'
