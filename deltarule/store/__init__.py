"""What lasts: rows and bytes, and the one place that says who may change them."""
