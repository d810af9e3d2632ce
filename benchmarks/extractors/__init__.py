"""Other extractors of body text from HTML, each in its fastest documented use."""
