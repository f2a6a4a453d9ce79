"""The shape of a function: monotone, bounded, how smooth, how fast it grows; each with a proof."""
