"""The fault lab and the guided tour of the demo."""
