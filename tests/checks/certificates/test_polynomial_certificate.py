"""Certificates: the checker accepts what `check` writes and refuses every alteration of it."""

import ast
import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steinlab.checks import verify_certificate
from steinlab.checks.assumptions.check import check
from steinlab.checks.certificates.certificate import certificate, write_certificate
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

TARGETS = {
    "figure 1": Target.from_expression("He(2,z1)/2 + He(4,z1)/sqrt(48)"),
    "degenerate": Target.from_expression("z1*z2 + He(3,z3) - 1/3"),
    "leap": Target.from_expression("z1 + z2 + z1*z2"),
    "redundant": Target.from_expression("(z1+z2)**2 + 0.1*z1 + z2/10"),
    "radicals": Target.from_expression("2**(1/3)*z1**2 + sqrt(6)*z1*z2/(1+sqrt(2)) - z2**3*12**(1/4)"),
    "directions": Target.from_expression("z1*z2 + z2**3/7", directions=[[1, 0, "sqrt(2)"], ["1/3", "0.5", 1]]),
    "dependent": Target.from_expression("z1*z2**2", directions=[[1, 2], [2, 4]]),
}
CERTIFICATES = {name: certificate(check(target)) for name, target in TARGETS.items()}


def accepted(data) -> bool:
    try:
        verify_certificate.Checker(copy.deepcopy(data)).run()
    except verify_certificate.Refused:
        return False
    return True


def leaves(node, path=()):
    if isinstance(node, dict):
        for key, child in node.items():
            yield from leaves(child, (*path, key))
    elif isinstance(node, list):
        for i, child in enumerate(node):
            yield from leaves(child, (*path, i))
    else:
        yield path


def containers(node, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from containers(child, (*path, key))


def edited(data, path, edit):
    out = copy.deepcopy(data)
    parent = out
    for key in path[:-1]:
        parent = parent[key]
    edit(parent, path[-1])
    return out


def altered(value):
    """Values that differ from a leaf in what they say."""
    if isinstance(value, bool) or value is None:
        return [1]
    if isinstance(value, int):
        return [value + 1, value - 1, str(value), float(value), None]
    return [f"{value} + 1", f"-({value}) + 1/1000", "", None, 7.5]


@pytest.fixture
def memo(monkeypatch):
    """What a target says, a number and a substitution are found once: alterations are of what a certificate says about them."""
    known = {}
    for name in ("number", "substitute"):
        call = getattr(verify_certificate, name)
        monkeypatch.setattr(
            verify_certificate,
            name,
            lambda *arguments, name=name, call=call: (
                known[key] if (key := (name, repr(arguments))) in known else known.setdefault(key, call(*arguments))
            ),
        )
    found = verify_certificate.Checker.target

    def target(self):
        key = json.dumps(self.parts.get("target"))
        if key not in known:
            before = set(vars(self))
            found(self)
            known[key] = {name: value for name, value in vars(self).items() if name not in before}
        self.parts.pop("target", None)
        vars(self).update(known[key])

    monkeypatch.setattr(verify_certificate.Checker, "target", target)


@pytest.mark.parametrize("name", TARGETS)
def test_what_check_writes_is_accepted(name):
    assert accepted(CERTIFICATES[name])


@pytest.mark.usefixtures("memo")
@pytest.mark.parametrize("name", TARGETS)
def test_every_number_is_covered(name):
    data = CERTIFICATES[name]
    for path in leaves(data):
        node = data
        for key in path:
            node = node[key]
        for value in altered(node):
            if path == ("target", "link"):  # another target: refused unless everything else is its own too
                assert value is None or not accepted(edited(data, path, lambda p, k, v=value: p.__setitem__(k, v)))
                continue
            changed = edited(data, path, lambda p, k, v=value: p.__setitem__(k, v))
            assert not accepted(changed), f"{path}: {node!r} -> {value!r} was accepted"


@pytest.mark.usefixtures("memo")
@pytest.mark.parametrize("name", TARGETS)
def test_every_part_is_needed(name):
    data = CERTIFICATES[name]
    for path in containers(data):
        assert not accepted(edited(data, path, lambda p, k: p.__delitem__(k))), f"accepted without {path}"
        node = data
        for key in path:
            node = node[key]
        if isinstance(node, (dict, list)) and node:
            empty = {} if isinstance(node, dict) else []
            assert not accepted(edited(data, path, lambda p, k, e=empty: p.__setitem__(k, e))), f"accepted with {path} emptied"


@pytest.mark.parametrize(
    "junk", [None, [], {}, {"schema": "steinlab/certificate/1"}, {"schema": "steinlab/certificate/2"}, "x", 3]
)
def test_junk_is_refused(junk):
    assert not accepted(junk)


def test_an_extra_part_is_refused():
    assert not accepted({**CERTIFICATES["leap"], "extra": 1})


@given(st.data())
def test_two_certificates_do_not_mix(data):
    """A part of another target's certificate is refused unless it says the same."""
    first, second = (CERTIFICATES[data.draw(st.sampled_from(sorted(CERTIFICATES)))] for _ in range(2))
    part = data.draw(st.sampled_from(sorted(first)))
    mixed = {**first, part: second[part]}
    assert accepted(mixed) == (first[part] == second[part])


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any),
        st.fractions(min_value=-3, max_value=3, max_denominator=6).filter(bool),
        min_size=1,
        max_size=4,
    )
)
def test_random_targets_are_accepted(terms):
    from steinlab.theory.exact.polynomials import Polynomial

    link = Polynomial.from_terms(terms)
    if any(all(alpha[i] == 0 for alpha in terms) for i in range(2)):
        link = link + Polynomial.variable(0, 2) * Polynomial.variable(1, 2)
    assert accepted(certificate(check(Target.from_polynomial(link))))


def test_the_checker_stands_alone(tmp_path):
    """It imports the standard library only, and runs as a script in an interpreter that sees nothing else."""
    source = Path(verify_certificate.__file__)
    imported = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(node.module.partition(".")[0])
    assert imported <= set(sys.stdlib_module_names)
    path = tmp_path / "certificate.json"
    write_certificate(check(TARGETS["figure 1"]), path)
    alone = [sys.executable, "-I", "-S", str(source)]
    result = subprocess.run([*alone, str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 0
    assert "VERIFIED" in result.stdout
    assert "trusted" in result.stdout
    data = json.loads(path.read_text(encoding="utf-8"))
    data["expected_hessian"]["rank"] = 0
    path.write_text(json.dumps(data), encoding="utf-8")
    result = subprocess.run([*alone, str(path)], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stdout.startswith("REFUSED")


def test_a_missing_file_is_reported(capsys):
    assert verify_certificate.main(["/nonexistent/certificate.json"]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_nested_radicals_are_refused_with_the_reason():
    with pytest.raises(InputError, match="roots of rational numbers"):
        certificate(check("sqrt(1 + sqrt(2))*z1**2"))


def test_the_intervals_enclose():
    for q, order in ((2, 2), (12, 4), (7, 3)):
        low, high = verify_certificate.interval(verify_certificate.root(verify_certificate.Fraction(q), order), 64)
        assert low**order <= q <= high**order
        assert 0 < high - low < 1e-15
