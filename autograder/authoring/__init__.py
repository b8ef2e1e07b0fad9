"""From `solutions/` to `course/`: the contract, known answers, the release, the book."""
