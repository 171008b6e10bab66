"""Engines that share work among processes and machines."""
