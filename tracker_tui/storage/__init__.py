"""Files that outlive a session: cached views, undecided commands and exports."""
