"""What a phase answers for, and what its tests reached."""
