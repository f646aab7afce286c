"""PDFs and archive writes: the heavy function, and the only one that writes the locked bucket."""
