"""The app's actions: one method for each key, in a class for each kind of action."""
