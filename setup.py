"""What pyproject.toml can't say: the shipped mappings stand at the top, for people, and are installed with the demo."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages("consumer"), "greenflash_kafka.demo.mappings"],
    package_dir={"": "consumer", "greenflash_kafka.demo.mappings": "mappings"},
)
