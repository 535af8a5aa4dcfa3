"""Reports for people and machines: functions of a run's `Report`, which touch no host."""
