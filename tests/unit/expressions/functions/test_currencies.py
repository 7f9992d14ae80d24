"""Digits of currencies, by ISO 4217 and by providers."""

from __future__ import annotations

from greenflash_kafka.expressions.functions.currencies import EXPONENTS, PROVIDERS


def test_the_table_has_every_kind_of_currency() -> None:
    assert len(EXPONENTS) > 170
    by_digits = {
        digits: " ".join(sorted(code for code in EXPONENTS if EXPONENTS[code] == digits)) for digits in (0, 3, 4)
    }
    assert by_digits == {
        0: "BIF BYR CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }
    stripe = PROVIDERS["stripe"]
    assert {code for code in stripe if stripe[code] != EXPONENTS[code]} == {"MGA", "ISK", "UGX"}
