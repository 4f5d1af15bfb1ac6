"""The running gateway: the place where deciding and doing meet."""
