"""Devices that send HL7 version 2."""
