"""Which certificate a report has, and that the checker accepts each before it is handed out."""

import copy
import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steinlab.checks import verify_certificate
from steinlab.checks.assumptions.check import check
from steinlab.checks.certificates import certificate as writer
from steinlab.checks.certificates.certificate import certificate, write_certificate
from steinlab.checks.verify_certificate import Refused
from steinlab.theory.errors import InputError
from steinlab.theory.targets.target import Target

POLYNOMIAL, LINK = "steinlab/certificate/1", "steinlab/link-certificate/3"
TARGETS = [
    (Target.from_expression("He(3,z1) + z1*z2"), POLYNOMIAL),
    (Target.from_expression("relu(z1)"), LINK),
    (Target.from_expression("relu(z1) - relu(-z1)"), LINK),  # a polynomial, but not as it is written
    (Target.from_expression("relu(z1) - relu(-z1)", directions=[[1, 2]]), LINK),
]


@pytest.mark.parametrize(("target", "schema"), TARGETS)
def test_the_text_of_the_link_says_which_checker_derives_it(target, schema):
    document = certificate(check(target))
    assert document["schema"] == schema
    assert document["target"]["link"].replace(" ", "") == target.link.replace(" ", "")
    assert verify_certificate.verify(document)


@pytest.mark.parametrize(("target", "schema"), TARGETS[:2])
def test_what_the_checker_would_refuse_is_not_written(target, schema, monkeypatch, tmp_path):
    path = tmp_path / "certificate.json"
    write_certificate(check(target), path)
    assert json.loads(path.read_text(encoding="utf-8")) == certificate(check(target))

    def refuse(document):
        assert document["schema"] == schema
        raise Refused("planted")

    monkeypatch.setattr(writer, "verify", refuse)
    other = tmp_path / "other.json"
    with pytest.raises(InputError, match=r"the checker would refuse it \(planted\); check without --certificate"):
        write_certificate(check(target), other)
    assert not other.exists()


def test_a_report_on_a_general_link_is_used_as_it_is(monkeypatch):
    report = check("relu(z1)")
    monkeypatch.setattr(writer, "check", None)
    assert certificate(report)["schema"] == LINK


# -- forgeries of what was written for drawn targets


def numbers(node, path=()):
    """The places of the numbers of a certificate, whether they stand as such or in a text."""
    for key, child in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(child, (dict, list)):
            yield from numbers(child, (*path, key))
        elif isinstance(child, int) or (isinstance(child, str) and path[:1] != ("target",) and re.search("[0-9]", child)):
            yield (*path, key)


def forgeries(document, data):
    """(what was done, another certificate): a digit, a rank, a leap, a step more or less, directions in another order."""

    def altered(what, change):
        out = copy.deepcopy(document)
        change(out)
        return what, out

    def digit(out):
        *place, last = data.draw(st.sampled_from(list(numbers(document))))
        part = out
        for key in place:
            part = part[key]
        text = str(part[last])
        i = data.draw(st.sampled_from([i for i, c in enumerate(text) if c.isdigit()]))
        text = text[:i] + str((int(text[i]) + data.draw(st.integers(1, 8))) % 10) + text[i + 1 :]
        part[last] = int(text) if isinstance(part[last], int) else text

    yield altered("a digit", digit)
    rank = document["expected_hessian"]["rank"]
    for other in (-1, 1):
        forged = rank + other if isinstance(rank, int) else {**rank, "lower": rank["lower"] + other}
        yield altered(f"a rank {other:+}", lambda out, x=forged: out["expected_hessian"].update(rank=x))
    leap = document["subspace_leap"]
    if leap is not None:
        steps = leap["steps"]
        yield altered("a leap", lambda out: out["subspace_leap"].update(value=leap["value"] + 1))
        yield altered("no leap", lambda out: out.update(subspace_leap=None))
        yield altered("a step less", lambda out: out["subspace_leap"]["steps"].pop())
        yield altered("a step twice", lambda out: out["subspace_leap"]["steps"].append(steps[-1]))
        yield altered("a vacuous step", lambda out: out["subspace_leap"]["steps"].append({**steps[-1], "degree": 0, "gained": 0}))
        for name in ("degree", "gained"):
            yield altered(f"{name} of a step", lambda out, n=name: out["subspace_leap"]["steps"][0].update({n: steps[0][n] + 1}))
    for name in ("information_exponent", "coordinate_leap", "generative_exponent"):
        yield altered(name, lambda out, n=name: out.update({n: 7 if out[n] is None else None}))
    for name, verdict in document["verdicts"].items():
        other = "fails" if verdict == "holds" else "holds"
        yield altered(name, lambda out, n=name, v=other: out["verdicts"].update({n: v}))
    if document["target"]["directions"] is not None:
        yield altered("directions", lambda out: out["target"]["directions"].reverse())


DRAWN = st.tuples(
    st.sampled_from(["He(3,z1)", "z1**2", "tanh(z1)", "relu(z1)", "z1*exp(-z1**2)"]),
    st.sampled_from(["z2", "z1*z2", "He(2,z2)/2", "sqrt(2)*z2**3", "abs(z2)"]),
    st.sampled_from([None, [[1, 2], ["1/2", -1]], [[1, 0, 1], [0, "3/5", 1]]]),
)


@settings(max_examples=8)
@given(DRAWN, st.data())
def test_forgeries_are_refused(drawn, data):
    first, second, directions = drawn
    document = certificate(check(Target.from_expression(f"{first} + {second}", directions=directions)))
    forged = dict(forgeries(document, data))
    what = data.draw(st.sampled_from(sorted(forged)))
    assert forged[what] != document
    with pytest.raises(Refused):
        verify_certificate.verify(forged[what])
