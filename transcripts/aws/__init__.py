"""The face for AWS clients: Amazon Transcribe Medical's wire protocol over this app's own actions."""
