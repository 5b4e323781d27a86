"""One command's worth of servers, and the demonstration practice; no part of a real site."""
