"""Speech becomes text: recordings, transcription jobs, engines, and the machine's transcripts."""
