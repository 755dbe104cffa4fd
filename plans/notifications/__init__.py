"""From an event to what each person is told of it, on the site and by mail."""
