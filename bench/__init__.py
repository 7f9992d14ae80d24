"""`python -m bench`: this pipeline beside others on the same work, measured alike."""
