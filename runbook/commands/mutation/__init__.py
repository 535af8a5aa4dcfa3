"""`runbook mutate`: the hosts, the jobs and the report of mutants."""
