# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The typefaces plates and signs are drawn with: all free, from one folder.

`models/train/materials` fills the folder. A face is used for plates if it has
letters and digits of one height; sizes are kept open, as opening costs more
than drawing.
"""

import functools
import glob
import os

from PIL import ImageFont

# Words in a file's name that tell a face too thin for a plate, or not of a
# plate's kind
THIN = ('-100-', '-200-', '-300-', 'Thin', 'Light', 'Italic', 'Oblique',
        'Serif')
# and a face whose zero has a dot or a stroke inside
DOTTED_ZERO = ('Mono', 'mono')


class Fonts:
    def __init__(self, folder):
        paths = sorted(glob.glob(os.path.join(folder, '**', '*.*'),
                                 recursive=True))
        paths = [path for path in paths
                 if path.lower().endswith(('.ttf', '.otf', '.woff'))]
        self.all = [path for path in paths if self._usable(path)]
        self.strong = [path for path in self.all
                       if not any(word in path for word in THIN)]
        if not self.strong:
            raise FileNotFoundError('no typefaces in %s: run '
                                    'models/train/materials' % folder)

    @staticmethod
    def _usable(path):
        """Plates are drawn with capitals and digits of about one height."""
        try:
            font = ImageFont.truetype(path, 40)
            letter, digit = font.getbbox('H'), font.getbbox('8')
        except OSError:
            return False
        heights = letter[3] - letter[1], digit[3] - digit[1]
        return min(heights) > 0.75 * max(heights) > 8

    @functools.lru_cache(maxsize=600)
    def open(self, path, size):
        return ImageFont.truetype(path, size)

    def plate(self, random, size):
        """A face for plates, and whether its zero has something inside."""
        path = random.choice(self.strong)
        return self.open(path, size), any(word in path for word in DOTTED_ZERO)

    def small(self, random, size):
        return self.open(random.choice(self.all), size)
