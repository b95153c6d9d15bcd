"""Teaches Pillow to read HEIC, by being imported.

Apart from `pictures`, because it takes a child as long to import as all that a PNG needs.
"""

import pillow_heif

# Thumbnails are of no use here, and more to read for a hostile file.
pillow_heif.register_heif_opener(thumbnails=False)
