"""What reviews prove of drafts above a threshold, by exact figures."""

import random

import pytest

from catalog.certificate import (
    Review,
    audit_fails,
    binomial_tail,
    certify,
    reviews_needed,
    upper_bound,
)


def reviews(count, wrong=0, confidence=0.95):
    return [Review(confidence, number < wrong) for number in range(count)]


@pytest.mark.parametrize(
    ("wrong", "count", "share", "tail"),
    [(0, 10, 0.1, 0.9**10), (1, 2, 0.5, 0.75), (2, 2, 0.5, 1.0), (-1, 5, 0.5, 0.0)],
)
def test_the_tail_of_the_binomial_is_exact(wrong, count, share, tail):
    assert binomial_tail(wrong, count, share) == pytest.approx(tail, abs=1e-12)


@pytest.mark.parametrize(
    ("wrong", "count", "bound"),
    # Clopper and Pearson, from tables.
    [(0, 100, 0.02951), (1, 100, 0.04656), (10, 100, 0.16372)],
)
def test_the_upper_bound_is_that_of_clopper_and_pearson(wrong, count, bound):
    assert upper_bound(wrong, count) == pytest.approx(bound, abs=1e-4)


def test_a_hundred_and_forty_nine_faultless_reviews_prove_two_per_cent():
    assert (reviews_needed(0.02), reviews_needed(0.02, wrong=1)) == (149, 236)
    assert certify(reviews(148), 0.02) is None
    found = certify(reviews(149), 0.02)
    assert (found.reviews, found.wrong, found.threshold) == (149, 0, 0.5)
    assert found.bound <= 0.02


def test_the_lowest_threshold_that_is_proven_is_taken():
    sure, less_sure = reviews(200, confidence=0.96), reviews(200, wrong=100, confidence=0.7)
    found = certify([*sure, *less_sure], 0.02)
    assert (found.threshold, found.reviews, found.wrong) == (0.71, 200, 0)
    assert certify(less_sure, 0.02) is None
    # Sure and wrong: nothing below may be certified either.
    assert certify([*reviews(200, wrong=100, confidence=0.99), *reviews(900)], 0.02) is None


def test_the_audit_ends_what_it_speaks_against():
    assert not audit_fails(0, 0, 0.02)
    assert not audit_fails(0, 200, 0.02)
    assert not audit_fails(1, 50, 0.02)
    assert audit_fails(1, 5, 0.02)
    assert audit_fails(4, 50, 0.02)


def test_certificates_promise_too_much_in_one_shop_of_twenty_at_most():
    chance = random.Random(1)
    certified = exceeded = 0
    for _ in range(400):
        true_share = chance.uniform(0.0, 0.05)
        found = certify([Review(0.9, chance.random() < true_share) for _ in range(300)], 0.02)
        certified += found is not None
        exceeded += found is not None and true_share > 0.02
    assert certified > 40
    assert exceeded <= 20
