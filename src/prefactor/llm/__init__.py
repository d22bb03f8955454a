"""The wire to language models: requests, replies, providers, and a scripted model. Knows no judge and no cache."""
