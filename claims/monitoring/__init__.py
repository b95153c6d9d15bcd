"""The pages for those who watch the portal: health and metrics."""
