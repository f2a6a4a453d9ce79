"""What the papers state about targets and training, one statement in one place."""
