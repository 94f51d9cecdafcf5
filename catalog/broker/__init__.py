"""The embedded broker: a Valkey server of our own on a unix socket, for one data folder."""

from catalog.broker.server import Broker, BrokerFailed, broker_start, broker_stop

__all__ = ["Broker", "BrokerFailed", "broker_start", "broker_stop"]
