-- The statement that detaches the next partition that leaves; PostgreSQL writes it, with the name from its own list.
SELECT next_detach() AS statement
