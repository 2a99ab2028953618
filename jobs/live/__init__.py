"""Jobs seen live: streams of their events, which `jobs/news.py` tells and the rows heal."""
