"""Another Wagtail site that installs the plugin, and nothing else of this project."""
