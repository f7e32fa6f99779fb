"""The one notation: text and einsum strings to values, and values back to text."""
