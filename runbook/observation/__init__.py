"""What changed on a host between two looks, and which checks cover it.

Nothing here touches a host: looks are taken elsewhere, by the script that this room gives.
"""
