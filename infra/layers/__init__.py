"""Builds, checks and locks the Lambda layers: `python -m infra.layers build|check|lock`."""
