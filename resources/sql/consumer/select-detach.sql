-- Selects the statement that detaches the next expired partition; PostgreSQL builds it, with the name from its catalog.
SELECT next_detach() AS statement
