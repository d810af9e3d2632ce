"""What moves batches between stages, and does what needs the whole corpus; knows no stage."""
