"""What a bot folder says of its processes: flows, slots, responses and conditions, read, checked and drawn."""
