"""Django's PostgreSQL backend, which tells the database whose rows a query may touch."""
