"""What an assignment has to pass before it is released, and how good its checks are."""
