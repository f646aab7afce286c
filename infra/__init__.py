"""The infrastructure of Comptoir as code: one CDK app for AWS and for the local emulator."""

import os

# CDK's bridge to Node prints a page of warnings when Node is older or newer than those that it was tested with.
for _warning in ("END_OF_LIFE", "DEPRECATED", "UNTESTED"):
    os.environ.setdefault(f"JSII_SILENCE_WARNING_{_warning}_NODE_VERSION", "1")
