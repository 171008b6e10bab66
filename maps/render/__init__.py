"""Folium layers, legends and charts from a Study or a Result."""
