"""How the window asks for attention: taskbar, Dock, tray, bell."""
