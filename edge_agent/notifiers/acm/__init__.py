"""IHE PCD ACM: alerts as HL7 ORU^R40 over MLLP, and the reports of their status (R41)."""
