"""Rules about English; a question in another language passes them untouched (see ``language``)."""
