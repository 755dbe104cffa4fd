"""Forms of the site: a module for each of the views' subjects."""
