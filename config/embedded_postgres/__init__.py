"""A database backend for development and tests: plain PostgreSQL that starts itself.

`base.py` is what Django loads; `server.py` starts and stops the server out of a wheel.
"""

import warnings

# The wheel looks up the folder for run-time files, which warns without a login session.
warnings.filterwarnings("ignore", module="platformdirs")
