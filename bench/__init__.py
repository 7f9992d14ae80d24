"""`python -m bench`: this pipeline beside a plain loop over the SDK, and beside the fastest thing we could write."""
