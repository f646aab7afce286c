"""The bank function: statements read, their files kept under lock."""
