"""The latent layer in two dimensions."""

import numpy as np

SEED = 0
_PERPLEXITY = 30  # scikit-learn's own
# t-SNE keeps the neighbours of the latent layer, which two linear components do not
# (mallorn, ten neighbours: balanced accuracy 0.43 as in the layer itself, PCA 0.31).
# It is meaningless for a few objects and takes minutes for very many.
_FEWEST, _MOST = 50, 5000
_SMALL = 1e-6


def latent_map(latent: np.ndarray) -> tuple[np.ndarray, str]:
    """Project the latent layer to two dimensions, by t-SNE or PCA.

    Args:
        latent: float32 `(k, width)`, the latent layer of `k` objects.

    Returns:
        Places of the objects, float64 `(k, 2)`, between -1 and 1, and how they were
        computed, for the caption.

    Example:
        >>> places, method = latent_map(np.eye(5, dtype=np.float32))
        >>> places.shape
        (5, 2)
    """
    latent = np.asarray(latent, np.float64)
    latent = (latent - latent.mean(0)) / (latent.std(0) + _SMALL)
    if _FEWEST <= len(latent) <= _MOST:
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits

        perplexity = min(_PERPLEXITY, len(latent) // 4)
        tsne = TSNE(init="pca", perplexity=perplexity, random_state=SEED)
        with threadpool_limits(1):  # threads wait for each other longer than they work
            places = tsne.fit_transform(latent)
        method = f"t-SNE, perplexity {perplexity}"
    else:
        # Principal components by hand: scikit-learn divides by zero on a single object.
        left, scale, _ = np.linalg.svd(latent, full_matrices=False)
        places = (left * scale)[:, :2]
        places = np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
        method = "PCA, the first two components"
    places = places - (places.max(0) + places.min(0)) / 2
    return places / max(np.abs(places).max(), _SMALL), method
