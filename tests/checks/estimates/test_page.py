"""The page: self-contained, the same bytes each time, with all that was found."""

import re

import numpy as np

from steinlab.checks.estimates.estimate import estimate
from steinlab.checks.estimates.page import render

RNG = np.random.default_rng(1)
X = RNG.standard_normal((200, 4))
FOUND = estimate(X, X[:, 0] * X[:, 1] + RNG.standard_normal(200))


def test_the_page_stands_by_itself():
    page = render(FOUND)
    assert page == render(FOUND) == FOUND.to_html()
    assert page.startswith("<!DOCTYPE html>")
    assert not re.search(r"<script|https?://(?!www\.w3\.org)|<link|<img", page)
    assert page.count("<svg") == 3
    assert "#0a0b" not in page


def test_the_page_says_what_was_found():
    page = render(FOUND)
    for said in (FOUND.rank.reason.replace(">=", "&gt;="), "Warnings", "mousavi.single_index", "Are the inputs standard normal?"):
        assert said in page
    assert all(f"<td>{f.id}</td>" in page for f in FOUND.findings)
    assert "whitened coordinates" not in page


def test_ids_occur_once_and_labels_point_to_them():
    ids = re.findall(r'\bid="([^"]*)"', render(FOUND))
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'aria-labelledby="([^" ]*)', render(FOUND))) <= set(ids)


def test_whitening_and_nothing_to_warn_of_are_told():
    big = RNG.standard_normal((600, 2)) * 5
    page = render(estimate(big, big[:, 0] ** 2 + big[:, 1] ** 2, whiten=True))
    assert "whitened coordinates" in page
    assert "What more samples" in page
