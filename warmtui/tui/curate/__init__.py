"""The draft: what is offered, what is picked, and the editor of an item."""
