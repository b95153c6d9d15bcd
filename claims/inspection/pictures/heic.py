"""The import of this module teaches Pillow to read HEIC.

It is a module of its own because its import takes a child as long as all imports for a PNG.
"""

import pillow_heif

# Embedded thumbnails are useless here, and give a hostile file more code to reach.
pillow_heif.register_heif_opener(thumbnails=False)
