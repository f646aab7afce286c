"""The infrastructure of Comptoir as code: one CDK app for AWS and for the local emulator."""

import os

# CDK's bridge prints a page of warnings under a Node that is past its end of life; 20 is the oldest that we accept.
os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20,22")
for _warning in ("DEPRECATED", "UNTESTED"):
    os.environ.setdefault(f"JSII_SILENCE_WARNING_{_warning}_NODE_VERSION", "1")
