"""Values derived once a minute: baselines, trends, cuff, entries, scores."""
