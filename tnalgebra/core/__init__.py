"""What a diagram is: spaces, tensors and their declared facts, the graph, sums, equality."""
