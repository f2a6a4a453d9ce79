"""What people type: expressions and target files, read by a whitelist; nothing is ever executed."""
