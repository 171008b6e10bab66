"""Plan a city's industrial layout: firms, sectors, districts, parks, siting and coverage."""

__version__ = "0.1.0"
