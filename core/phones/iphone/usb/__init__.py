"""iPhones without a service: usbmux over USB itself."""
