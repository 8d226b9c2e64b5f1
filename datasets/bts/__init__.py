"""The ZTF Bright Transient Survey."""
