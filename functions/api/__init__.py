"""The HTTP API: a table of routes, one adapter between HTTP and the requests of the library."""
