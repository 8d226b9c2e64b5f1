"""The compiled network: what float64, Keras and ONNX Runtime say, forwards and back."""

from itertools import product

import numpy as np
import pytest
from kernel_cases import Case, needs_kernel, of_variant, variants
from numpy.testing import assert_allclose, assert_array_equal

from zoo.inference.onnx_graph import onnx_graph
from zoo.inference.session import OnnxNetwork
from zoo.inputs.parameters import Preprocessing
from zoo.kernel.library import RELU, TANH, kernel
from zoo.model_folder.preset import Architecture, Preset
from zoo.model_folder.tensors import named_tensors

pytestmark = needs_kernel

UNITS = (1, 7, 16, 32, 33, 100, 130)
OUTPUTS = ("probabilities", "latent", "new_state_1", "new_state_2")
FROZEN = (
    {"head"},
    {"latent", "head"},
    {"gru_2", "head"},
    {"gru_1"},
    {"metadata_dense"},
)


@pytest.fixture(params=variants())
def compiled(request):
    return of_variant(request.param)


# ---- the functions


def framed(values: np.ndarray, width: int) -> np.ndarray:
    """A view of values in the middle of an array of NaN, whose rows have a width."""
    rows, columns = values.shape
    frame = np.full((rows + 2, width), np.nan, np.float32)
    frame[1:-1, :columns] = values
    return frame[1:-1, :columns]


def untouched(view: np.ndarray) -> bool:
    """Whether all around a view is NaN still."""
    frame = view.base.copy()
    frame[1:-1, : view.shape[1]] = np.nan
    return bool(np.isnan(frame).all())


@pytest.mark.parametrize("n", [1, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 130])
def test_products_are_right_for_every_size_and_write_nothing_beside(compiled, n):
    generator = np.random.default_rng(n)
    for m, k, bias in product((0, 1, 2, 5, 6, 7, 13), (1, 3, 17), (True, False)):
        a = generator.normal(size=(m, k)).astype(np.float32)
        b = generator.normal(size=(k, n)).astype(np.float32)
        add = generator.normal(size=n).astype(np.float32)
        left, c = framed(a, k + 3), framed(np.ones((m, n)), n + 5)
        packed = compiled.packed(b)
        compiled.multiply(
            *(m, k, n, left.ctypes.data, k + 3, packed.ctypes.data),
            *(add.ctypes.data if bias else None, c.ctypes.data, n + 5),
        )
        exact = a.astype(np.float64) @ b + (add if bias else 1)
        assert_allclose(c, exact, atol=1e-5)
        assert untouched(c)
        turned = compiled.packed(np.ascontiguousarray(b.T).T)
        assert_array_equal(turned, packed)


@pytest.mark.parametrize("n", [1, 7, 16, 17, 33, 64, 65, 130])
def test_sums_over_rows_are_right_and_write_nothing_beside(compiled, n):
    generator = np.random.default_rng(n)
    for m, k in product((0, 1, 5, 191, 192, 193, 400), (1, 5, 6, 13)):
        a = generator.normal(size=(m, k)).astype(np.float32)
        b = framed(generator.normal(size=(m, n)), n + 2)
        c, sums = framed(np.ones((k, n)), n + 3), framed(np.ones((1, n)), n + 3)
        compiled.add_outer(
            *(m, k, n, a.ctypes.data, k, b.ctypes.data, n + 2, c.ctypes.data, n + 3)
        )
        compiled.add_rows(m, n, b.ctypes.data, n + 2, sums.ctypes.data)
        wide = b.astype(np.float64)
        assert_allclose(c, 1 + a.T @ wide, atol=1e-4)
        assert_allclose(sums[0], 1 + wide.sum(0), atol=1e-4)
        assert untouched(c) and untouched(sums)


@pytest.mark.parametrize("n", [1, 15, 16, 17, 4001])
def test_activations_are_right_from_tiny_to_huge_values(compiled, n):
    x = np.linspace(-1, 1, n) ** 3 * 100  # beyond where the exponential is cut
    for kind, exact in ((TANH, np.tanh), (RELU, lambda x: np.maximum(x, 0))):
        values = framed(x[None], n + 4)
        expected = exact(values[0].astype(np.float64))
        compiled.activate(kind, n, values.ctypes.data)
        assert_allclose(values[0], expected, atol=3e-7)
        assert untouched(values)


@pytest.mark.parametrize("scale", [1, 30, 100, 1e4, 1e38])
@pytest.mark.parametrize("n", [1, 2, 15, 16, 17, 40])
def test_softmax_sums_to_one_for_logits_of_any_size(compiled, n, scale):
    logits = np.random.default_rng(n).uniform(-1, 1, (9, n)).astype(np.float32) * scale
    odds = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    values = logits.astype(np.float32)
    compiled.softmax(9, n, values.ctypes.data)
    assert_allclose(values, odds / odds.sum(1, keepdims=True), atol=1e-6)


PAYLOADS = (0x7FC00000, 0xFFC00000, 0x7F800001, 0x7FFFFFFF, 0xFF8000FF, 0x7FAAAAAA)


@pytest.mark.parametrize("bits", PAYLOADS)
def test_no_kind_of_nan_becomes_a_number(compiled, bits):
    nan = np.array([bits], np.uint32).view(np.float32)[0]
    for kind, place in product((TANH, RELU), range(19)):
        values = np.ones(19, np.float32)
        values[place] = nan
        compiled.activate(kind, 19, values.ctypes.data)
        assert np.flatnonzero(np.isnan(values)).tolist() == [place]
    for place in range(19):
        values = np.ones((2, 19), np.float32)
        values[0, place] = nan
        compiled.softmax(2, 19, values.ctypes.data)
        assert np.isnan(values).all(1).tolist() == [True, False]


# ---- the network


@pytest.mark.parametrize("metadata", [0, 3])
@pytest.mark.parametrize("units", UNITS)
def test_outputs_are_those_of_float64(compiled, units, metadata):
    case = Case(units, metadata=metadata)
    exact = case.exactly()
    for name, found in zip(OUTPUTS, case.run(compiled, *OUTPUTS), strict=True):
        size = max(1, np.abs(exact[name]).max())
        assert_allclose(found, exact[name], atol=3e-6 * size, err_msg=name)


@pytest.mark.parametrize("metadata", [0, 3])
@pytest.mark.parametrize("units", [1, 7, 33])
def test_gradients_are_those_of_differences_in_float64(compiled, units, metadata):
    case = Case(units, metadata=metadata, longest=9)
    loss, gradients = case.learn(compiled)
    assert loss == pytest.approx(case.loss(), rel=1e-6)
    generator = np.random.default_rng(1)
    for name, gradient in gradients.items():
        way = generator.normal(size=gradient.shape)
        way /= np.linalg.norm(way)
        up, down = (
            case.loss({**case.tensors, name: case.tensors[name] + step * way})
            for step in (1e-5, -1e-5)
        )
        found = (gradient.astype(np.float64) * way).sum()
        size = max(1, float(np.linalg.norm(gradient)))
        assert found == pytest.approx((up - down) / 2e-5, abs=1e-5 * size), name


def keras_model(case: Case, units: int):
    """The model of Keras with the weights of a case."""
    from zoo.classifier.network import LightCurveNetwork

    sizes = Architecture(units, units, units, 4, units, units)
    flags = ("redshift", "redshift_known", "mwebv")[: case.metadata.shape[1]]
    preset = Preset(
        *("toy-gru", tuple("abcdefg")),
        architecture=sizes,
        preprocessing=Preprocessing(features="scaled", metadata=flags),
    )
    model = LightCurveNetwork(preset)
    for name, variable in named_tensors(model).items():
        variable.assign(case.tensors[name])
    return model


def batch(case: Case) -> dict[str, np.ndarray]:
    """The inputs of a case, padded."""
    lengths = np.diff(case.offsets)
    rows = np.zeros((len(lengths), lengths.max(), 5), np.float32)
    rows[np.arange(lengths.max()) < lengths[:, None]] = case.rows
    inputs = {"light_curve": rows}
    return inputs | {"metadata": case.metadata} if case.metadata.shape[1] else inputs


@pytest.mark.parametrize("metadata", [0, 3])
@pytest.mark.parametrize("units", UNITS)
def test_keras_and_onnx_runtime_say_the_same(units, metadata):
    case = Case(units, metadata=metadata)
    model = keras_model(case, units)
    found = case.run(kernel(), "probabilities")[0]
    assert_allclose(found, np.asarray(model(batch(case))), atol=1e-6)
    onnx = OnnxNetwork(onnx_graph(model.preset, case.tensors))
    (said,) = onnx.run(
        *(case.rows, case.offsets, case.objects, case.metadata),
        *(["probabilities"], None),
    )
    assert_allclose(found[case.objects], said, atol=1e-6)


@pytest.mark.parametrize("metadata", [0, 3])
@pytest.mark.parametrize("units", UNITS)
def test_gradients_are_those_of_keras(units, metadata):
    import keras

    if keras.backend.backend() != "tensorflow":
        pytest.skip("TensorFlow's GradientTape")
    import tensorflow as tf

    case = Case(units, metadata=metadata)
    model = keras_model(case, units)
    loss = keras.losses.CategoricalCrossentropy(reduction="sum")
    with tf.GradientTape() as tape:
        said = loss(case.targets, model(batch(case)), sample_weight=case.weights)
    variables = {name: v.value for name, v in named_tensors(model).items()}
    wanted = tape.gradient(said, variables)
    here, gradients = case.learn(kernel())
    assert here == pytest.approx(float(said), rel=2e-6)
    assert gradients.keys() == wanted.keys()
    for name, gradient in gradients.items():
        size = max(1, np.abs(wanted[name]).max())
        assert_allclose(gradient, wanted[name], atol=1e-5 * size, err_msg=name)


@pytest.mark.parametrize("layers", FROZEN, ids=lambda layers: " ".join(sorted(layers)))
def test_frozen_layers_do_not_change_the_gradients_of_the_others(compiled, layers):
    case = Case(33)
    loss, gradients = case.learn(compiled)
    again, some = case.learn(compiled, layers)
    assert again == loss and {name.partition("/")[0] for name in some} == layers
    for name, gradient in some.items():
        assert_array_equal(gradient, gradients[name])
        assert gradient.any()


def test_the_same_gradients_are_added_to_what_is_there():
    case = Case(16)
    gradients = case.learn(kernel())[1]
    from zoo.kernel.network import Network, of_layer

    into = {name: np.ones_like(values) for name, values in gradients.items()}
    Network(kernel(), case.tensors).learn(
        *(case.rows, case.offsets, case.objects, case.metadata),
        *(case.targets, case.weights, case.ends),
        {n: of_layer(into, n) for n in case.layers},
    )
    for name, values in into.items():
        assert_allclose(values, 1 + gradients[name], atol=1e-5)


# ---- what reaches it


def unaligned(values: np.ndarray) -> np.ndarray:
    """The same values one byte beside where floats begin."""
    raw = np.empty(values.nbytes + 1, np.uint8)[1:]
    raw[:] = np.frombuffer(values.tobytes(), np.uint8)
    return raw.view(np.float32).reshape(values.shape)


FORMS = {
    "column-major": np.asfortranarray,
    "float64": lambda values: values.astype(np.float64),
    "big-endian": lambda values: values.astype(">f4"),
    "every second": lambda values: np.repeat(values, 2, axis=-1)[..., ::2],
    "backwards": lambda values: values[::-1].copy()[::-1],
    "unaligned": unaligned,
}


@pytest.mark.parametrize("form", FORMS)
def test_arrays_of_any_form_give_the_same_bits(form):
    case, change = Case(7), FORMS[form]
    expected, (loss, gradients) = case.run(kernel(), *OUTPUTS), case.learn(kernel())
    case.tensors = {name: change(values) for name, values in case.tensors.items()}
    case.rows, case.metadata = change(case.rows), change(case.metadata)
    case.targets, case.weights = change(case.targets), change(case.weights)
    for found, right in zip(case.run(kernel(), *OUTPUTS), expected, strict=True):
        assert_array_equal(found, right)
    again, found = case.learn(kernel())
    assert again == pytest.approx(loss, rel=1e-6)
    for name, right in gradients.items():
        assert_allclose(found[name], right, atol=1e-5)


@pytest.mark.parametrize("wrong", ["rows", "metadata", "states"])
def test_arrays_of_another_width_are_refused_and_not_read(wrong):
    case = Case(7)
    values = {
        "rows": case.rows[:, :4],
        "metadata": np.zeros((len(case.objects), 900), np.float32),
        "states": [np.zeros((len(case.objects), n), np.float32) for n in (7, 6)],
    }
    with pytest.raises(ValueError, match="the network takes rows of [537] values"):
        case.run(kernel(), "probabilities", **{wrong: values[wrong]})


def test_states_may_be_given_at_any_row():
    case = Case(33)
    whole = case.run(kernel(), *OUTPUTS)
    lengths = np.diff(case.offsets)
    long = np.flatnonzero(lengths > 1)
    long = long[np.argsort(-lengths[long], kind="stable")]
    early = lengths // 2
    from zoo.kernel.network import Network

    network = Network(kernel(), case.tensors)
    states = [np.zeros((len(lengths), 33), np.float32) for _ in range(2)]
    parts = []
    for starts, ends in ((case.offsets[:-1], early), (case.offsets[:-1] + early, None)):
        counts = early if ends is not None else lengths - early
        keep = long[np.argsort(-counts[long], kind="stable")]
        rows = np.concatenate(
            [case.rows[s : s + c] for s, c in zip(starts, counts, strict=True)]
        )
        offsets = np.concatenate([[0], np.cumsum(counts)])
        parts = network.run(rows, offsets, keep, case.metadata, OUTPUTS, states)
        for state, new in zip(states, parts[2:], strict=True):
            state[keep] = new
    for found, right in zip(parts, whole, strict=True):
        assert_array_equal(found, right[keep])
