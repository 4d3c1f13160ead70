"""The pages, written by the server: one module a page, which fills the template of its name."""
