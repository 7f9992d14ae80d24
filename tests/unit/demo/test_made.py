"""The chance of the makers."""

from __future__ import annotations

from random import Random

from greenflash_kafka.demo.made import Fact, Moment


def test_a_number_is_below_its_limit_and_each_option_comes_up() -> None:
    moment = Moment(1, 5_999, Random(1))
    numbers = [moment.below(5) for _ in range(1000)]
    assert set(numbers) == set(range(5))
    assert all(150 < numbers.count(each) < 250 for each in range(5))
    assert {moment.one_of(("a", "b", "c")) for _ in range(100)} == {"a", "b", "c"}
    assert moment.seconds == 5


def test_the_same_seed_gives_the_same_choices() -> None:
    one, other = (Moment(1, 0, Random(7)) for _ in range(2))
    assert [one.below(1000) for _ in range(20)] == [other.below(1000) for _ in range(20)]


def test_a_fact_of_the_same_key_is_another_one_for_another_type() -> None:
    assert Fact("paid", "o1", "1").insert_id != Fact("refund", "o1", "1").insert_id
