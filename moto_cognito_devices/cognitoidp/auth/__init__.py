"""Sign-in: from InitiateAuth to the tokens."""
