"""Who carries out tasks, and how one is carried out."""
