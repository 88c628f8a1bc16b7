"""The widgets that the options bar shows, one for each tool that has options."""
