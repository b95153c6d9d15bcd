"""A database backend for development and tests: plain PostgreSQL that starts itself.

`base.py` is what Django loads; `server.py` starts and stops the server out of a wheel.
"""

import warnings

# The wheel asks where run-time files go; without a login session the answer comes with a warning.
warnings.filterwarnings("ignore", module="platformdirs")
