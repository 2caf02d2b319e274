"""Make implementation guides executable: phases judged, red before green proved."""
