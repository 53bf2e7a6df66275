"""What is kept: templates, versions, drafts and usage in `library`, session figures in `index`."""
