"""A differential fuzzer: drawn targets, an oracle that shares no code with steinlab, and the comparison of the two."""
