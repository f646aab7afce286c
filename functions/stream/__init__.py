"""What follows the table's stream: the entries of the search."""
