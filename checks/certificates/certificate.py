"""The certificate of a check, whatever the target: the checker is run on it before it is handed out.

One that `checks/verify_certificate.py` would refuse, for the work it takes or any other reason, is not written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from steinlab.checks.assumptions.check import check
from steinlab.checks.assumptions.report import Report
from steinlab.checks.certificates.polynomial_certificate import polynomial_certificate
from steinlab.checks.files import write_atomically
from steinlab.checks.verify_certificate import Refused, verify
from steinlab.theory.errors import InputError
from steinlab.theory.language.parsing import parse
from steinlab.theory.language.spelling import quoted
from steinlab.theory.language.trees import is_polynomial
from steinlab.theory.targets.network import MAX_LINK
from steinlab.theory.targets.target import CallableTarget, LinkTarget


def certificate(report: Report) -> dict[str, Any]:
    """The certificate of a report, as JSON, which the checker has accepted. Raises InputError where it would refuse it.

    It holds the link as it was written, with the known functions only: one that just simplifies to a polynomial is derived by the
    checker of general links.

    >>> from steinlab.checks.assumptions.check import check
    >>> [certificate(check(link))["schema"] for link in ("He(3,z1)", "relu(z1) - relu(-z1)")]
    ['steinlab/certificate/1', 'steinlab/link-certificate/3']
    """
    target = report.target
    if isinstance(target, CallableTarget):
        raise InputError(f"no certificate for {target.link}: it is seen at points only, and nothing of it is proved")
    expression = target.expression if isinstance(target, LinkTarget) else parse(target.link, MAX_LINK)
    if is_polynomial(expression):
        document = polynomial_certificate(report)
    else:
        from steinlab.checks.certificates.link_certificate import link_certificate  # general links take longer to import

        if not isinstance(target, LinkTarget):
            report = check(LinkTarget(target.link, target.directions, target.noise, target.name, expression=expression))
        document = link_certificate(report)
    try:
        verify(document)
    except Refused as error:
        raise InputError(
            f"no certificate for {quoted(target.link)}: the checker would refuse it ({error}); check without --certificate"
        ) from error
    return document


def write_certificate(report: Report, path: Path) -> None:
    """Write the certificate of a report to a file, whole or not at all."""
    write_atomically(path, json.dumps(certificate(report), indent=1) + "\n")
