"""Typed readers of environment variables, by subject. `config/settings.py` names each variable.

A reader takes the environment when it is called and keeps nothing.
"""
