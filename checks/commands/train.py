"""train one method on a target once and measure its population risk

Inputs are N(0, I_d), drawn from the seed; the penalty of the head is chosen on held-out samples. Settings of a method are
given as --set KEY=VALUE; --list-settings shows them with their defaults."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from steinlab.checks.commands.arguments import read_target, whole_number
from steinlab.numerics.registry import METHODS, method_settings
from steinlab.theory.errors import InputError

if TYPE_CHECKING:
    from steinlab.numerics.results import OnlineResult, TrainingResult
    from steinlab.theory.targets.target import Target

EXAMPLE = 'steinlab train "He(2,z1)/2 + He(4,z1)/sqrt(48)" --method one-step -n 10000 -d 10 -m 100 --noise 1'
SCHEMA = "steinlab/train/1"
HOLDOUT = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="TARGET", nargs="?", help="an expression in z1, z2, ..., or a .toml file")
    parser.add_argument("--method", choices=tuple(METHODS), default="one-step", help="default: one-step")
    parser.add_argument(
        "-n", default="10000", metavar="N", help="training samples, for online SGD its steps T (default 10000; 1e5 is understood)"
    )
    parser.add_argument("-d", default=None, metavar="D", help="dimension of the inputs (default 10, or what the target needs)")
    parser.add_argument("-m", default="100", metavar="M", help="width of the network, even (default 100)")
    parser.add_argument(
        "--noise",
        metavar="SCALE",
        help="scale of the label noise, of the target's kind (±SCALE where it has none); default: the target's own",
    )
    parser.add_argument("--seed", default="0", help="whole number that data, weights and biases derive from (default 0)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="settings", help="one setting of the method; repeatable"
    )
    parser.add_argument("--list-settings", action="store_true", help="print the settings of the method and stop")
    parser.add_argument("--transfer", metavar="TARGET", help="retrain the head of one-step on this target, and measure on it")
    parser.add_argument("--transfer-samples", metavar="N", help="samples of the transfer target (default: as many as -n)")
    parser.add_argument("--holdout", metavar="N", help="samples that choose the penalty (default 100000)")
    parser.add_argument(
        "--test",
        default="100000",
        metavar="N",
        help="fresh points for the absolute risk, not in closed form (default 100000)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(args: argparse.Namespace) -> int:
    if args.list_settings:
        defaults = method_settings(args.method)
        sys.stdout.write(f"settings of {args.method}, with their defaults:\n")
        sys.stdout.write("".join(f"  {name} = {_setting_text(value)}\n" for name, value in defaults.items()))
        return 0
    started = time.perf_counter()
    if args.target is None:
        raise InputError('TARGET is missing; give an expression such as "He(2,z1)" or a .toml file')
    target = read_target(args.target)
    result: TrainingResult | OnlineResult
    result, noise = _train_online(args, target) if METHODS[args.method].online else _train(args, target)
    seconds = time.perf_counter() - started
    if args.json:
        fields = {"schema": SCHEMA, "target": target.to_mapping(), **result.to_mapping()}
        fields |= {"seconds": round(seconds, 3), "peak_memory_mb": peak_memory_mb()}
        text = json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False)
    else:
        warnings = "".join(f"warning: {sentence}\n" for sentence in getattr(result, "warnings", ()))
        sys.stderr.write(warnings)
        named = target.link if target.network is None else f"the sum of {target.network}"
        text = render(result, named, noise, seconds)
    sys.stdout.write(text + "\n")
    return 0


def _train(args: argparse.Namespace, target: Target) -> tuple[TrainingResult, str]:
    from steinlab.numerics.runs import train
    from steinlab.numerics.samples.noise import resolve_noise

    n = whole_number("-n", args.n)
    transfer = None
    if args.transfer is not None:
        samples = n if args.transfer_samples is None else whole_number("--transfer-samples", args.transfer_samples)
        transfer = (read_target(args.transfer), samples)
    elif args.transfer_samples is not None:
        raise InputError("--transfer-samples without --transfer; say which target to transfer to")
    needed = max(target.ambient_dimension, 1 if transfer is None else transfer[0].ambient_dimension)
    result = train(
        target,
        method=args.method,
        n=n,
        d=max(10, needed) if args.d is None else whole_number("-d", args.d),
        m=whole_number("-m", args.m),
        seed=whole_number("--seed", args.seed),
        noise=args.noise,
        settings=parse_settings(args.settings),
        transfer=transfer,
        holdout=HOLDOUT if args.holdout is None else whole_number("--holdout", args.holdout),
        test=whole_number("--test", args.test),
    )
    return result, str(resolve_noise(target if transfer is None else transfer[0], args.noise))


def _train_online(args: argparse.Namespace, target: Target) -> tuple[OnlineResult, str]:
    from steinlab.numerics.online_runs import train_online
    from steinlab.numerics.samples.noise import resolve_noise

    if args.transfer is not None or args.transfer_samples is not None:
        raise InputError(f"--transfer is for one-step: {args.method} has no head to refit")
    if args.holdout is not None:
        raise InputError(f"--holdout {args.holdout} chooses a penalty, and {args.method} has none; leave it out")
    result = train_online(
        target,
        method=args.method,
        T=whole_number("-n", args.n),
        d=max(10, target.ambient_dimension) if args.d is None else whole_number("-d", args.d),
        m=whole_number("-m", args.m),
        seed=whole_number("--seed", args.seed),
        noise=args.noise,
        settings=parse_settings(args.settings),
        test=whole_number("--test", args.test),
    )
    return result, str(resolve_noise(target, args.noise))


def parse_settings(items: list[str]) -> dict[str, Any]:
    """Settings from KEY=VALUE: true, false, none, numbers, or a word.

    >>> parse_settings(["center=false", "step_size=2.5", "head=ridge"])
    {'center': False, 'step_size': 2.5, 'head': 'ridge'}
    """
    settings: dict[str, Any] = {}
    for item in items:
        key, equals, text = item.partition("=")
        key, text = key.strip().replace("-", "_"), text.strip()
        if not (key and equals and text):
            raise InputError(f"--set {item!r} is not a setting; write KEY=VALUE, such as center=false")
        if key in settings:
            raise InputError(f"--set gives {key} twice; give it once")
        settings[key] = _value(text)
    return settings


def _value(text: str) -> bool | int | float | str | None:
    words = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _setting_text(value: object) -> str:
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def peak_memory_mb() -> float | None:
    """Largest resident size of this process so far in MB (10^6 bytes); None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


def render(result: TrainingResult | OnlineResult, target: str, noise: str, seconds: float) -> str:
    """The result as text for people."""
    rows = [_squared_row(result), *_rows(result)]
    width = max(len(value) for _, value, _ in rows)
    lines = [f"{result.method} on f*(x) = {target}"]
    if "transfer" in result.settings:
        lines.append(f"head retrained on {result.settings['transfer_samples']} samples of {result.settings['transfer']}")
    lines += [
        f"n = {result.n}, d = {result.d}, m = {result.m}, seed {result.seed}, {noise}",
        "",
        *(f"  {name:<22}{value:<{width}}   {meaning}" for name, value, meaning in rows),
        "",
        f"± is one standard error of {result.settings['test']} fresh points, for this one seed. {seconds:.1f} s.",
    ]
    return "\n".join(lines)


Row = tuple[str, str, str]


def _squared_row(result: TrainingResult | OnlineResult) -> Row:
    risk, accuracy = f"{result.excess_risk:.5g}", result.excess_risk_method
    if accuracy != "closed form":
        risk = f"{risk} ± {result.excess_risk_standard_error:.2g}"
    elif (error := getattr(result, "excess_risk_rounding_error", None)) is not None:
        accuracy += f", rounding error about {error:.0e}"
    return "excess squared risk", risk, f"E (f(x) - f*(x))², {accuracy}"


def _rows(result: TrainingResult | OnlineResult) -> list[Row]:
    from steinlab.numerics.results import TrainingResult

    alignment = ("alignment", f"{result.alignment:.4f}", "share of ‖W‖² in the principal subspace")
    settings = result.settings
    if isinstance(result, TrainingResult):
        chosen = "fixed" if settings["ridge_rule"] == "fixed" else f"chosen on {settings['holdout']} held-out samples"
        absolute = f"{result.excess_l1:.5g} ± {result.excess_l1_standard_error:.2g}"
        return [
            ("excess absolute risk", absolute, "E|f(x) - y| - E|e|, Monte Carlo"),
            alignment,
            ("ridge λ", f"{result.ridge:.4g}", chosen),
        ]
    rows = []
    if result.excess_loss is not None:
        loss = f"{result.excess_loss:.5g} ± {result.excess_loss_standard_error:.2g}"
        rows.append(("excess loss", loss, f"E ℓ(f(x), y) - E ℓ(f*(x), y), ℓ {settings['loss']}, Monte Carlo"))
    schedule = (
        f"t* = {settings['t_star']}" if settings["schedule"] == "decaying" else f"constant step {settings['step_size']:.4g}"
    )
    gamma_0 = "none" if settings["gamma_0"] is None else f"{settings['gamma_0'] / result.m:.4g}"
    return [
        *rows,
        ("‖W_⊥‖_F/√m", f"{result.perpendicular:.5g}", f"rows of W off the principal subspace; ‖W‖_F/√m = {result.norm:.4g}"),
        alignment,
        ("weight decay λ", f"{settings['weight_decay']:.4g}", f"threshold γ_0/m = {gamma_0}; {schedule}"),
    ]
