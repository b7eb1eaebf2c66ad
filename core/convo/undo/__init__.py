"""What undo and delete take away, and its way back."""
