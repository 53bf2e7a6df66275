"""What is kept: templates, versions, drafts, usage. The only room that knows SQL for writing."""
