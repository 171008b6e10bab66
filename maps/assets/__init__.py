"""Browser libraries and the Chinese font: fetched once by exact version, served and inlined here.

``package.json`` and ``package-lock.json`` fix the versions, :mod:`maps.assets.libraries` says which
link of folium each file stands for, :mod:`maps.assets.build` fetches and builds, and
:mod:`maps.assets.manifest` finds what was built.
"""

from maps.assets.build import ensure_assets

__all__ = ["ensure_assets"]
