"""Philips IntelliVue monitors, the device's side of Data Export."""
