"""The lab inside containers: engine, images, lock, runs. Standard library only."""
