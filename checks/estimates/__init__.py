"""What a data set says of its target: facts with intervals, the assumptions that they refute, as text, JSON and a page."""
