"""Values and helpers that know neither AWS nor any business context."""
