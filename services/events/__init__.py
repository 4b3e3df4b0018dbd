"""Events for plugins: written in the transaction in which they happen, told after commit, and lost by no crash."""
