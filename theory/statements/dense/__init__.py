"""Features that fire often, and antipodal pairs."""
