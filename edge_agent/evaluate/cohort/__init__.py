"""The evaluation of a whole simulated cohort."""
