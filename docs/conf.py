"""How the documentation is built: `nox -s docs`. Nothing in it is loaded from another host."""

from importlib.metadata import version as version_of

project = "groupbuy"
author = "the groupbuy contributors"
project_copyright = "the groupbuy contributors"
release = version_of("groupbuy")
version = release

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True

html_theme = "furo"
html_title = f"groupbuy {release}"
html_copy_source = False
html_show_sourcelink = False
