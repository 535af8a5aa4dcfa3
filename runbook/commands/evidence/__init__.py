"""What was run: reports, evidence for the pages, receipts, and the checks that are missing."""
