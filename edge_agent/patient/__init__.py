"""Facts that people enter about a patient, with corrections applied; no I/O."""
