"""Pictures: uploading them, showing them to whom they concern, removing what nobody shows."""

from groupbuy.application.pictures.showing import show_picture
from groupbuy.application.pictures.sweeping import sweep
from groupbuy.application.pictures.uploading import Shelf, Upload, upload

__all__ = ["Shelf", "Upload", "show_picture", "sweep", "upload"]
