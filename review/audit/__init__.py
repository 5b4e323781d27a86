"""The audit log: a hash chain of rows, its export, and the script that checks an export."""
