"""What people answered for criteria that no run can judge."""
