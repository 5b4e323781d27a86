#!/usr/bin/env python
"""Django's command line. `demo` comes before Django: it starts the servers that settings need."""

import os
import sys


def main() -> None:
    if sys.argv[1:] == ["demo"]:
        from config.demo.supervisor import main as demo

        sys.exit(demo())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
