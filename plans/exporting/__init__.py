"""What goes out of the house as a file: tables, archives, papers."""
