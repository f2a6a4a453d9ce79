"""What all methods with a ridge head share: oracles for the whole fit, blocks against arrays, primal against dual, bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.numerics.methods import estimator as estimator_module
from steinlab.numerics.methods.one_step import OneStepNetwork
from steinlab.numerics.methods.random_features import RandomFeatures
from steinlab.numerics.methods.tangent_kernel import TangentKernel
from steinlab.numerics.samples.blocks import ArrayBlocks
from steinlab.numerics.samples.streams import generator
from steinlab.theory.errors import InputError

KINDS = {"one-step": OneStepNetwork, "random-features": RandomFeatures, "tangent-kernel": TangentKernel}
every_kind = pytest.mark.parametrize("kind", KINDS)
GRID = {"ridge": None, "ridge_count": 25, "ridge_largest": 1e3, "ridge_smallest": 1e-9, "validation_fraction": 0.2}
DEFAULTS = {
    "one-step": {
        "center": True,
        "step_size": None,
        "first_weight_decay": None,
        "step_rule": "paper",
        "initialisation": "symmetric",
        "small_scale": 0.01,
        "biases": "redrawn",
        "fresh_head_data": False,
        "head": "ridge",
        "head_steps": None,
        "head_step_size": None,
    },
    "random-features": {"center": False, "weight_law": "sphere", "bias_scale": 1.0, "paired": False},
    "tangent-kernel": {"center": False, "include_head": True, "bias_scale": 1.0, "paired": False},
}


@every_kind
def test_defaults_are_what_the_documentation_says(kind):
    assert KINDS[kind]().get_params() == {"width": 100, "random_state": 0, **GRID, **DEFAULTS[kind]}


def samples(n=80, d=3, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, X[:, 0] ** 2 - 1 + X[:, 1] + 0.3 * rng.standard_normal(n)


def halves(X, y, block_rows=2048):
    k = len(y) // 2
    return ArrayBlocks(X[:k], y[:k], block_rows=block_rows), ArrayBlocks(X[k:], y[k:], block_rows=block_rows)


@every_kind
@pytest.mark.parametrize("center", [False, True])
def test_the_head_solves_the_normal_equations_at_the_best_ridge(kind, center):
    X, y = samples()
    train, validation = halves(X, y)
    fitted = KINDS[kind](width=10, center=center).fit_blocks(train, validation)
    alpha, beta = (train.y.mean(), train.X.T @ train.y / train.n) if center else (0.0, np.zeros(3))
    matrix, held_out = fitted.features_.matrix(train.X), fitted.features_.matrix(validation.X)
    trace = np.sum(matrix**2) / train.n
    assert np.allclose(fitted.ridges_, np.geomspace(1e-9, 1e3, 25) * trace, rtol=1e-9)
    best = None
    for ridge in fitted.ridges_:
        left = 2 / train.n * matrix.T @ matrix + ridge * np.eye(matrix.shape[1])
        head = np.linalg.solve(left, 2 / train.n * matrix.T @ (train.y - alpha - train.X @ beta))
        risk = np.mean((alpha + validation.X @ beta + held_out @ head - validation.y) ** 2)
        if best is None or risk < best[0]:
            best = (risk, ridge, alpha + X @ beta + fitted.features_.matrix(X) @ head)
    assert fitted.ridge_ == best[1]
    assert fitted.validation_risks_.min() == pytest.approx(best[0], rel=1e-6)
    assert np.allclose(fitted.predict(X), best[2], atol=1e-5)


@every_kind
@given(st.integers(1, 50), st.booleans())
def test_blocks_of_any_size_give_the_same_fit(kind, block_rows, center):
    X, y = samples()
    reference = KINDS[kind](width=6, center=center).fit_blocks(*halves(X, y))
    blocked = KINDS[kind](width=6, center=center).fit_blocks(*halves(X, y, block_rows))
    assert blocked.ridge_ == pytest.approx(reference.ridge_, rel=1e-9)
    assert np.allclose(blocked.predict(X), reference.predict(X), atol=1e-7)


@every_kind
def test_arrays_are_blocks_with_a_validation_split(kind):
    X, y = samples()
    fitted = KINDS[kind](width=6, validation_fraction=0.25, random_state=4).fit(X, y)
    order = generator(4, "validation rows").permutation(80)
    train, held_out = order[20:], order[:20]
    blocked = KINDS[kind](width=6, random_state=4).fit_blocks(
        ArrayBlocks(X[train], y[train]), ArrayBlocks(X[held_out], y[held_out])
    )
    assert fitted.n_samples_ == 60
    assert np.array_equal(fitted.predict(X), blocked.predict(X))


@every_kind
def test_with_a_fixed_ridge_every_row_trains(kind):
    X, y = samples()
    fitted = KINDS[kind](width=6, ridge=0.01).fit(X, y)
    blocked = KINDS[kind](width=6, ridge=0.01).fit_blocks(ArrayBlocks(X, y))
    assert (fitted.n_samples_, fitted.ridge_) == (80, 0.01)
    assert np.array_equal(fitted.predict(X), blocked.predict(X))


@every_kind
def test_fits_repeat_to_the_bit_and_depend_on_the_seed(kind):
    X, y = samples()
    first, again, other = (KINDS[kind](width=6, random_state=seed).fit(X, y).predict(X) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


@every_kind
@pytest.mark.parametrize("ridge", [None, 0.05])
def test_primal_and_dual_fits_agree(kind, ridge, monkeypatch):
    X, y = samples(60)
    dual = KINDS[kind](width=64, ridge=ridge).fit_blocks(*halves(X, y))
    monkeypatch.setattr(KINDS[kind], "_needs_primal", lambda self: True)
    primal = KINDS[kind](width=64, ridge=ridge).fit_blocks(*halves(X, y))
    assert primal.ridge_ == pytest.approx(dual.ridge_, rel=1e-9)
    assert np.allclose(primal.predict(X), dual.predict(X), atol=1e-6)


@every_kind
def test_the_smaller_problem_is_solved(kind, monkeypatch):
    orders = []

    class Recording(estimator_module.RidgePath):
        def __init__(self, matrix, moment):
            orders.append(len(moment))
            super().__init__(matrix, moment)

    monkeypatch.setattr(estimator_module, "RidgePath", Recording)
    for n, width in ((10, 64), (300, 8)):
        X, y = samples(n)
        features = KINDS[kind](width=width, ridge=0.1).fit(X, y).features_.size
        assert orders.pop() == min(n, features) < max(n, features)


@every_kind
def test_slicing_a_block_changes_nothing(kind, monkeypatch):
    X, y = samples(400)
    reference = KINDS[kind](width=6).fit_blocks(*halves(X, y))
    expected = reference.predict(X)
    monkeypatch.setattr(estimator_module, "BLOCK_ENTRIES", 64)
    sliced = KINDS[kind](width=6).fit_blocks(*halves(X, y))
    assert np.allclose(sliced.predict(X), expected, atol=1e-8)


@every_kind
@given(st.floats(0.01, 100))
def test_predictions_scale_with_the_labels(kind, scale):
    """f* → c f* scales the fit by c: so does the network's first step, whose size is absorbed by the grid of λ only
    for the kernels; for the one-step network η_1 is scaled back."""
    X, y = samples()
    settings = {"width": 6, "center": True}
    scaled = settings | ({"step_size": 1 / scale} if kind == "one-step" else {})
    reference = KINDS[kind](**settings | ({"step_size": 1.0} if kind == "one-step" else {})).fit(X, y)
    assert np.allclose(KINDS[kind](**scaled).fit(X, scale * y).predict(X), scale * reference.predict(X), atol=1e-6 * scale)


@every_kind
def test_constant_labels_and_constant_inputs_are_fitted(kind):
    X, _ = samples(20)
    assert np.allclose(KINDS[kind](width=4, ridge_smallest=1e-12).fit(X, np.zeros(20)).predict(X), 0, atol=1e-9)
    assert np.isfinite(KINDS[kind](width=4).fit(np.zeros((20, 3)), np.ones(20)).predict(X)).all()


GOOD_X, GOOD_Y = samples(10)
COMMON = {
    "width": [0, -2, 2.0, "4", None, True],
    "center": [1, "yes", None],
    "ridge": [-1.0, np.nan, np.inf, "auto", True],
    "ridge_smallest": [0.0, -1.0, np.inf],
    "ridge_largest": [1e-12, np.nan],
    "ridge_count": [0, 2.5],
    "validation_fraction": [0.0, 1.0, -0.5, np.nan],
    "random_state": [None, 0.5, "0"],
}
OWN = {
    "one-step": {
        "width": [3],
        "step_size": [0.0, -1.0, np.inf],
        "first_weight_decay": [-1.0, np.nan],
        "step_rule": ["adam", None],
        "initialisation": ["zero"],
        "small_scale": [0.0],
        "biases": ["none"],
        "fresh_head_data": ["no"],
        "head": ["lasso"],
        "head_steps": [-1, 1.5],
        "head_step_size": [0.0],
    },
    "random-features": {"weight_law": ["uniform"], "bias_scale": [-1.0, np.nan], "paired": [2]},
    "tangent-kernel": {"include_head": [None], "bias_scale": [-1.0], "paired": ["no"]},
}
BAD_SETTINGS = [
    (kind, name, value) for kind in KINDS for group in (COMMON, OWN[kind]) for name, values in group.items() for value in values
]


@pytest.mark.parametrize(("kind", "name", "value"), BAD_SETTINGS)
def test_settings_out_of_range_are_refused_by_name(kind, name, value):
    X, y = samples(10)
    with pytest.raises(InputError, match=f"{name}|seed"):
        KINDS[kind](**({"width": 4} | {name: value})).fit(X, y)


@every_kind
@pytest.mark.parametrize("size", [1e160, 1e307])
def test_data_that_overflow_are_refused_without_a_warning(kind, size):
    X, y = samples(10)
    for inputs, labels in ((size * X, y), (X, size * y), (size * X, size * y)):
        with pytest.raises(InputError, match="overflow"):
            KINDS[kind](width=4).fit(inputs, labels)


@every_kind
def test_a_second_fit_leaves_nothing_of_the_first(kind):
    X, y = samples()
    fitted = KINDS[kind](width=4).fit(X, y)
    assert set(vars(fitted.set_params(ridge=1.0).fit(X, y))) == set(vars(KINDS[kind](width=4, ridge=1.0).fit(X, y)))


class Lying:
    """Blocks that hold something other than they announce."""

    def __init__(self, X, y, n, d):
        self.X, self.y, self.n, self.d = X, y, n, d

    def __iter__(self):
        yield self.X, self.y


@every_kind
@pytest.mark.parametrize(
    ("blocks", "message"),
    [
        (Lying(GOOD_X, GOOD_Y, 11, 3), "hold 10 rows in place of the n = 11"),
        (Lying(GOOD_X, GOOD_Y, 10, 4), r"expected \(k, 4\)"),
        (Lying(GOOD_X, GOOD_Y[:3], 10, 3), "expected"),
        (Lying(np.full((10, 3), np.nan), GOOD_Y, 10, 3), "NaN or infinity"),
        (Lying(GOOD_X, GOOD_Y, 0, 3), "n = 0"),
    ],
)
def test_bad_blocks_are_refused(kind, blocks, message):
    with pytest.raises(InputError, match=message):
        KINDS[kind](width=2).fit_blocks(blocks, ArrayBlocks(np.zeros((4, blocks.d)), np.zeros(4)))


@every_kind
def test_a_grid_needs_validation_samples_of_the_same_dimension(kind):
    with pytest.raises(InputError, match="no validation samples"):
        KINDS[kind](width=2).fit_blocks(ArrayBlocks(GOOD_X, GOOD_Y))
    with pytest.raises(InputError, match="validation samples have dimension 2"):
        KINDS[kind](width=2).fit_blocks(ArrayBlocks(GOOD_X, GOOD_Y), ArrayBlocks(GOOD_X[:, :2], GOOD_Y))


@every_kind
def test_the_least_sizes_are_accepted(kind):
    """One sample with a ridge, two to choose it on; a grid of one λ; one neuron, or a pair."""
    X, y = samples(3)
    least = {"width": 2 if kind == "one-step" else 1}
    assert KINDS[kind](**least, ridge=0.0).fit(X[:1], y[:1]).n_samples_ == 1
    assert KINDS[kind](**least, ridge_count=1, ridge_smallest=2.0, ridge_largest=2.0).fit(X[:2], y[:2]).n_samples_ == 1
    assert KINDS[kind](**least, validation_fraction=0.99).fit(X, y).n_samples_ == 1
    assert KINDS[kind](**least).fit(*samples(80)).n_samples_ == 64
    if kind != "one-step":
        assert KINDS[kind](width=2, paired=True, ridge=1.0).fit(X, y).weights_.shape == (1, 3)
        for width, paired in ((1, True), (0, False)):
            with pytest.raises(InputError, match=f"width = {width} is too small"):
                KINDS[kind](width=width, paired=paired).fit(X, y)


def sizes_asked_for(monkeypatch, estimator, n, d, held_out):
    asked = {}
    for name in ("require_memory", "require_work"):
        monkeypatch.setattr(estimator_module, name, lambda *sizes, name=name: asked.update({name: sizes}))
    estimator._check_size(Lying(None, None, n, d), None if held_out is None else Lying(None, None, held_out, d))
    return asked["require_memory"], asked["require_work"]


def test_memory_and_work_are_counted_from_the_sizes_alone(monkeypatch):
    """10 features of 7 inputs: the problem of order 10, or of order n below that; eight bytes an entry."""
    blocks = 2048 * (3 * 7 + 4 * 10) + 2 * 2**20
    memory, work = sizes_asked_for(monkeypatch, RandomFeatures(width=10), 1000, 7, 300)
    what = "RandomFeatures with n = 1000, d = 7, 10 neurons (10 features)"
    advice = "take fewer neurons, a smaller d, or fewer samples than features"
    assert memory == (8 * (4 * 10**2 + 2 * 25 * 10 + 4 * 70 + blocks + 64 * 10), what, advice)
    total = 4 * 1000 * 70 + 1000 * 10 * 10 + 20 * 10**3 + 2 * 300 * 10 * 25
    assert work == (total, what, "take fewer samples, fewer neurons or a smaller d")
    memory, work = sizes_asked_for(monkeypatch, RandomFeatures(width=10, ridge=0.1), 9, 7, None)
    assert memory[0] == 8 * (4 * 9**2 + 2 * 10 + 4 * 70 + blocks + 9 * (7 + 3 * 10))
    assert work[0] == 4 * 9 * 70 + 9 * 10 * 9 + 20 * 9**3
    memory, _ = sizes_asked_for(monkeypatch, RandomFeatures(width=10, ridge=0.1), 10, 7, 5)
    assert memory[0] == 8 * (4 * 10**2 + 2 * 10 + 4 * 70 + blocks + 64 * 10)
    memory, _ = sizes_asked_for(monkeypatch, OneStepNetwork(width=10, head="gradient-descent", ridge=0.1), 9, 7, 5)
    assert memory[0] == 8 * (4 * 10**2 + 2 * 10 + 4 * 70 + blocks + 64 * 10)
    tangent = TangentKernel(width=10, paired=True, ridge=0.1)
    memory, _ = sizes_asked_for(monkeypatch, tangent, 1000, 7, 5)
    assert memory[0] == 8 * (4 * 40**2 + 2 * 40 + 4 * 35 + 2048 * (3 * 7 + 4 * 5) + 2 * 2**20 + 64 * 40)
    assert memory[1].endswith("5 neurons (40 features)")


def test_costs_order_runs_by_their_multiplications():
    features = RandomFeatures(width=10)
    assert features.row_cost(7) == 300 * 10 + 7 * 10
    assert features.fit_cost(1000, 7) == 1000 * 3070 + 1000 * 10 * 10 + 30 * 10**3
    assert features.fit_cost(4, 7) == 4 * 3070 + 4 * 10 * 4 + 30 * 4**3
    assert TangentKernel(width=10, include_head=False).row_cost(7) == 300 * 70 + 7 * 10


def test_rows_that_are_not_finite_are_named():
    class Blocks(Lying):
        def __iter__(self):
            yield self.X[:4], self.y[:4]
            yield self.X[4:7], self.y[4:7]

    X, y = samples(10)
    y[5] = np.inf
    with pytest.raises(InputError, match=r"a block contains NaN or infinity \(rows 4 to 6\)"):
        RandomFeatures(width=2, ridge=1.0).fit_blocks(Blocks(X, y, 10, 3))


def test_ties_take_the_largest_ridge_and_slices_have_a_million_entries_or_64_rows():
    assert [estimator_module._last_minimum(np.array(x)) for x in ([1.0, 0, 0, 2], [0.0, 1], [3.0])] == [2, 0, 0]
    slices = [list(estimator_module._slices(3000, features)) for features in (2**10, 2**15)]
    assert slices[0] == [slice(0, 1024), slice(1024, 2048), slice(2048, 3072)]
    assert slices[1][:2] == [slice(0, 64), slice(64, 128)]


@every_kind
def test_sizes_beyond_memory_or_patience_are_refused_before_work(kind):
    untouchable = Lying(None, None, 10**9, 10)
    with pytest.raises(InputError, match=r"needs .* GiB of memory, the limit is"):
        KINDS[kind](width=10**8).fit_blocks(untouchable, untouchable)
    endless = Lying(None, None, 10**15, 10)
    with pytest.raises(InputError, match="floating-point operations"):
        KINDS[kind](width=100).fit_blocks(endless, endless)
