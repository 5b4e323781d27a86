"""The face for AWS clients: Amazon Transcribe Medical's protocol over our own actions."""
