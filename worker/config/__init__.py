"""The config: one table of keys (:mod:`worker.config.keys`), and everything that is made from it."""

from worker.config.addresses import Address, redis_client_url
from worker.config.config import Config, Service
from worker.config.errors import ConfigError, ConfigNotFound
from worker.config.load import find_config, load

__all__ = ["Address", "Config", "ConfigError", "ConfigNotFound", "Service", "find_config", "load", "redis_client_url"]
