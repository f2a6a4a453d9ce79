"""The pictures of an estimate: energies with intervals, eigenvalues with the bound, alignment of the halves."""

from __future__ import annotations

from collections.abc import Callable

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from steinlab.checks.estimates.answer import Answer
from steinlab.checks.pages.drawings import INK, dress, inline, parameters, style

_DASHES = (0, (7, 3))
MOST_SHOWN = 20
"""Eigenvalues that are drawn."""


def energies(found: Answer) -> str:
    """The energies by degree, those claimed to be nonzero filled."""
    told = "; ".join(
        f"degree {k}: {e.value:.3g}, interval {e.interval[0]:.3g} to {e.interval[1]:.3g}" for k, e in found.energies.items()
    )

    def draw(axes: Axes) -> None:
        for k, energy in found.energies.items():
            low, high = energy.interval
            look = style(0) | ({} if energy.nonzero else {"markerfacecolor": "none"})
            axes.plot([k, k], [low, high], color=look["color"], linewidth=2)
            axes.plot([k], [max(energy.value, 0.0)], **look | {"linestyle": "none", "markersize": 7})
        axes.axhline(0, color=INK, linewidth=1, linestyle=_DASHES, zorder=0)
        axes.set_xticks([*found.energies])
        axes.set_xlim(0.5, max(found.energies) + 0.5)
        axes.set(xlabel="degree k", ylabel="energy ‖C_k‖²/k!")

    return _drawn("energies", "Energies of degree 1 to 3", told, draw)


def eigenvalues(found: Answer) -> str:
    """The leading eigenvalues of Ĥ by size, those claimed filled, with the bound on any further one."""
    rank = found.facts.rank
    shown = [abs(float(value)) for value in rank.values[:MOST_SHOWN]]
    told = f"By size: {', '.join(f'{value:.3g}' for value in shown)}; {rank.lower} claimed"

    def draw(axes: Axes) -> None:
        k, tested, places = rank.lower, len(rank.test.scores), range(1, len(shown) + 1)
        axes.vlines(places, 0, shown, color=style(0)["color"], linewidth=1.2)
        groups: list[tuple[int, int, str, dict[str, object]]] = [
            (0, k, "claimed: confirmed by the other half", {}),
            (k, tested, "tested, not confirmed", {"markerfacecolor": "none"}),
            (tested, len(shown), "not tested", {"marker": ".", "markersize": 4}),
        ]
        for first, last, label, look in groups:
            if shown[first:last]:
                axes.plot(
                    places[first:last], shown[first:last], **style(0) | {"linestyle": "none", "markersize": 7} | look, label=label
                )
        if rank.further is not None:
            axes.axhline(
                rank.further, color=INK, linewidth=1, linestyle=_DASHES, zorder=0, label=f"bound on eigenvalue {k + 1} of H"
            )
        axes.set_ylim(bottom=0)
        axes.set_xlim(0.3, len(shown) + 0.7)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.set(xlabel="place, by size", ylabel="|eigenvalue of Ĥ|")
        _legend(axes)

    return _drawn("eigenvalues", "Eigenvalues of the expected Hessian", told, draw)


def alignment(found: Answer) -> str:
    """For each number of directions tested, how well those of both halves agree."""
    tests = (("H", found.facts.rank.test), ("bounded weights", found.facts.dimension.test))
    told = "; ".join(f"{name}: {', '.join(f'{value:.3g}' for value in test.overlap)}" for name, test in tests)

    def draw(axes: Axes) -> None:
        for i, (name, test) in enumerate(tests):
            places = [k + 1 + 0.06 * (2 * i - 1) for k in range(len(test.overlap))]
            axes.plot(places, test.overlap, **style(i) | {"markerfacecolor": "none", "markersize": 7, "linewidth": 1}, label=name)
            axes.plot(places[: test.count], test.overlap[: test.count], **style(i) | {"linestyle": "none", "markersize": 7})
        axes.set_ylim(0, 1.05)
        axes.set_xlim(0.5, max(len(test.overlap) for _, test in tests) + 0.5)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.set(xlabel="number of directions", ylabel="mean cosine between halves")
        _legend(axes)

    return _drawn("alignment", "Alignment of the two halves", told, draw)


def _legend(axes: Axes) -> None:
    figure = axes.figure
    for text in figure.legend(loc="outside lower left", frameon=False, fontsize=9, borderaxespad=0.2).get_texts():
        text.set_color(INK)


def _drawn(name: str, title: str, told: str, draw: Callable[[Axes], None]) -> str:
    with rc_context(parameters(name)):
        canvas = Figure(figsize=(4.5, 3.2), layout="constrained")
        axes = canvas.subplots()
        draw(axes)
        dress(axes)
        return inline(canvas, f"figure-{name}", title, told)
