"""The networks of full size, held against the tables without any weights."""
