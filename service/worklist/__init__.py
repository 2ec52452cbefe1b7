"""What waits to be coded: filtered, ordered, counted; claimed, released, held, assigned, several at once."""
