"""The number of decimal digits of each currency, by ISO 4217 and by providers that count otherwise.

Sources: ISO 4217's list one (active codes, 2025, with XCG and ZWG) and some withdrawn codes that old records hold;
https://docs.stripe.com/currencies. Codes without a minor unit of their own (gold, drawing rights, tests) are not money.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

_NONE: Final = """
    BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF
"""
_TWO: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD
    HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU
    MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG
    SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST
    XCD XCG YER ZAR ZMW ZWG ZWL
"""
_THREE: Final = """
    BHD IQD JOD KWD LYD OMR TND
"""
_FOUR: Final = """
    CLF UYW
"""
_WITHDRAWN: Final = """
    EEK GHC HRK LTL LVL MRO SKK SLL STD TRL VEF ZMK
"""

EXPONENTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        **dict.fromkeys(_NONE.split(), 0),
        **dict.fromkeys((_TWO + _WITHDRAWN).split(), 2),
        **dict.fromkeys(_THREE.split(), 3),
        **dict.fromkeys(_FOUR.split(), 4),
        "BYR": 0,
    }
)
"""Digits after the point by currency code."""

PROVIDERS: Final[Mapping[str, Mapping[str, int]]] = MappingProxyType(
    {
        # Stripe counts whole ariary, although ISO gives it two digits; ISK and UGX have none, and Stripe still writes
        # them in hundredths for compatibility (HUF and TWD are whole in payouts only, and even there in hundredths).
        "stripe": MappingProxyType({**EXPONENTS, "MGA": 0, "ISK": 2, "UGX": 2}),
    }
)
"""In which digits a provider counts minor units; the amount's own digits are still ISO's."""
