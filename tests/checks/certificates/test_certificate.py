"""Which certificate a report has, and that the checker accepts each before it is handed out."""

import json

import pytest

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
