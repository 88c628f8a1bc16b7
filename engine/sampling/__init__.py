"""Schedules, samplers, guidance and noise: functions of a denoiser, free of any network."""
