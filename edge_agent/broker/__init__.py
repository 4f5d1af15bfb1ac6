"""Setup of a site's broker, made from one site file: settings, access lists and certificates."""
