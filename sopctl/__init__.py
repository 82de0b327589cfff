"""sopctl: a month's evidence from Prometheus, the approval chain of the SOP, and the report that ends it."""
