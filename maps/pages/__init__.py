"""The Streamlit pages: widgets and page text."""
