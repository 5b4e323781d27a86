"""The documentation as one site, readable without a network: `make docs`."""

project = "Countersign"
html_title = "Countersign"
html_theme = "furo"
extensions = ["myst_parser"]
myst_heading_anchors = 3
nitpicky = True
# Mermaid's own text; site.js draws it.
suppress_warnings = ["misc.highlighting_failure"]
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_copy_source = False
html_show_sphinx = False
