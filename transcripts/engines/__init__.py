"""Speech engines and audio handling: values in, values out, no Django and no database."""
