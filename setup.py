"""What pyproject.toml can't say: mappings and presets stand at the top, for people, and are installed, too."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("consumer"), "greenflash_kafka.demo.mappings", "greenflash_kafka.cli.shipped_presets"],
    package_dir={
        "": "consumer",
        "greenflash_kafka.demo.mappings": "mappings",
        "greenflash_kafka.cli.shipped_presets": "presets",
    },
)
