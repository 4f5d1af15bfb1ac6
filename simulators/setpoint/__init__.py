"""A second physiology: a body that follows the set point of its temperature."""
