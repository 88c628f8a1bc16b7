"""The loop of every training: processes that share one model, the optimiser, runs on disk."""
