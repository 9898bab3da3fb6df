"""Rules that must be met before anything is claimed, and the tiers in which they ship."""
