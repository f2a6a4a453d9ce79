"""General links as sums of products of functions: normal forms, balls, zero sets, growth, kinks."""
