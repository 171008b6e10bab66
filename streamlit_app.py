"""The planner's app: ``streamlit run streamlit_app.py``."""

from maps import pages

pages.run()
