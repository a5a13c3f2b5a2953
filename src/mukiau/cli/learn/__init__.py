"""`mukiau learn`: a first look at log files. `command` reads them, `findings` holds what was found, `report` shows it."""
