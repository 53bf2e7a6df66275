"""Finding secrets, personal data and instructions in text: rules, tables, scanner."""
