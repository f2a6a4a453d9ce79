"""The page of a study: figures, tables, animation."""
