"""Jobs seen live: events told after commit, and streams of them that are healed from the rows."""
