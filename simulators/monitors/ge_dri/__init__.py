"""GE Datex-Ohmeda S/5 and CARESCAPE monitors, the device's side of DRI."""
