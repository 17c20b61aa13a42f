"""Features against their distributions: convex cones of codes."""
