"""Facts about a target from data alone: x ~ N(0, I_d), y = f*(x) + noise, each with its interval or error rate."""
