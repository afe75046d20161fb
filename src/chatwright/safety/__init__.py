"""What goes in and out is looked at here: guards, and the check that an answer says nothing its evidence does not."""
