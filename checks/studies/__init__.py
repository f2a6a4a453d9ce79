"""Rate studies: plan, tasks, scheduler, store, judgement, summary."""
