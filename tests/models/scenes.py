#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Scenes for training are the same for the same seed, and their truth is where
the plates are. With a drawn "real" picture and the typefaces of the system, so
no data is needed. Prints TAP."""
import csv
import glob
import os
import random
import sys
import tempfile

try:
    import numpy
    from PIL import Image, ImageDraw
except ImportError:
    print('1..0 # SKIP python3-numpy or python3-pil is not installed')
    sys.exit(0)

sys.path.insert(0, os.path.join(os.environ['ANPR_SOURCE_DIR'], 'models',
                                'train'))
from scenes import (fonts, platepicture, plates, scene,  # noqa: E402
                    styles, vehicles, warp)

TYPEFACES = '/usr/share/fonts/truetype/dejavu'
BOXES = [(300, 200, 120, 28), (60, 240, 50, 12)]


def fill_folder(folder):
    """A picture with two bright boxes, its boxes.tsv, and a background."""
    picture = Image.effect_noise((640, 360), 40).convert('L')
    draw = ImageDraw.Draw(picture)
    with open(os.path.join(folder, 'boxes.tsv'), 'w', newline='') as file:
        table = csv.writer(file, delimiter='\t')
        table.writerow(['path', 'x', 'y', 'w', 'h'])
        for x, y, w, h in BOXES:
            draw.rectangle((x, y, x + w, y + h), fill=230)
            draw.text((x + 5, y + 2), 'AB 123', fill=20)
            table.writerow(['day.png', x, y, w, h])
    picture.save(os.path.join(folder, 'day.png'))
    os.mkdir(os.path.join(folder, 'pictures'))
    picture.resize((500, 300)).save(os.path.join(folder, 'pictures', 'a.png'))


def maker(folder, seed):
    return scene.SceneMaker(fonts.Fonts(TYPEFACES), folder,
                            os.path.join(folder, 'pictures'),
                            random.Random(seed))


def same_seed_same_scenes(folder):
    one, other, third = maker(folder, 1), maker(folder, 1), maker(folder, 2)
    differ = 0
    for _ in range(40):
        (image, labels), (again, same) = one.make(), other.make()
        assert numpy.array_equal(image, again)
        assert numpy.array_equal(labels, same)
        differ += not numpy.array_equal(image, third.make()[0])
    assert differ > 30, differ


def truth_is_well_formed(folder):
    kinds = set()
    for image, rows in (scene_maker.make() for scene_maker in
                        [maker(folder, 3)] for _ in range(150)):
        assert image.shape == (scene.HEIGHT, scene.WIDTH)
        assert image.dtype == numpy.uint8
        assert len(rows) <= scene.MAX_LABELS
        for row in rows:
            kinds.add(int(row[0]))
            left, top, right, bottom = row[1:5]
            assert left < right and top < bottom
            assert right > 0 and bottom > 0
            assert left < scene.WIDTH and top < scene.HEIGHT
            if row[0] == scene.PLATE:
                corners = row[5:].reshape(4, 2)
                assert numpy.allclose(corners.min(0), (left, top), atol=1e-3)
                assert numpy.allclose(corners.max(0), (right, bottom),
                                      atol=1e-3)
                sides = numpy.roll(corners, -1, 0) - corners
                turns = numpy.cross(sides, numpy.roll(sides, -1, 0))
                assert (turns > 0).all(), 'not clockwise'
    assert kinds == {scene.PLATE, scene.PLATE_BOX, scene.IGNORE}, kinds


def what_is_pasted_lies_where_its_corners_are(folder):
    draw = random.Random(5)
    bright = numpy.full((60, 200), 255, numpy.uint8)
    source = [(0, 0), (200, 0), (200, 60), (0, 60)]
    for _ in range(30):
        canvas = numpy.zeros((192, 320), numpy.float32)
        corners = warp.turned_rectangle(
            draw.uniform(30, 150), draw.uniform(15, 50),
            draw.uniform(-45, 45), draw.uniform(-30, 30),
            draw.uniform(-20, 20), 4) + (160, 96)
        warp.paste(canvas, bright, bright, warp.homography(source, corners))
        outline = Image.new('L', (320, 192))
        ImageDraw.Draw(outline).polygon([tuple(c) for c in corners], fill=255)
        wrong = abs(canvas - numpy.asarray(outline)) > 128
        around = numpy.linalg.norm(corners - numpy.roll(corners, 1, 0),
                                   axis=1).sum()
        assert wrong.sum() < 1.5 * around, (wrong.sum(), around)


def homographies_map_their_points(folder):
    target = [(3, 4), (90, 10), (80, 60), (5, 40)]
    source = [(0, 0), (100, 0), (100, 30), (0, 30)]
    mapped = warp.project(warp.homography(source, target), source)
    assert numpy.allclose(mapped, target)


def plates_and_boards_are_drawn_in_their_ranges(folder):
    draw, faces = random.Random(6), fonts.Fonts(TYPEFACES)
    styles = set()
    for index in range(150):
        plate = plates.draw_plate(faces, draw, index % 3 == 0)
        styles.add(plate.style)
        assert plate.image.shape == plate.alpha.shape
        assert plate.text and 0.8 < plate.aspect < 6, plate
        board, alpha = vehicles.draw_board(faces, draw)
        assert board.shape == alpha.shape and board.size > 0
    assert len(styles) > 20


def picture_maker(folder, seed):
    return platepicture.PictureMaker(
        fonts.Fonts(TYPEFACES), folder, os.path.join(folder, 'pictures'),
        random.Random(seed))


def same_seed_same_plate_pictures(folder):
    one, other = picture_maker(folder, 1), picture_maker(folder, 1)
    for _ in range(60):
        (image, text), (again, same) = one.make(), other.make()
        assert text == same and numpy.array_equal(image, again)


def texts_of_plate_pictures_are_what_a_reader_can_tell(folder):
    pictures, texts = picture_maker(folder, 4), []
    for _ in range(500):
        image, text = pictures.make()
        assert image.shape == (platepicture.HEIGHT, platepicture.WIDTH)
        assert image.dtype == numpy.uint8
        assert all(sign in platepicture.LABELS for sign in text), text
        assert text == ' '.join(text.split()), text
        texts.append(text)
    assert 5 < texts.count('') < 60
    assert len(set(texts)) > 120


def every_layout_spells_signs_and_marks(folder):
    draw = random.Random(8)
    known = set(styles.ALL + styles.DIGITS + styles.UMLAUTS + plates.MARKS
                + '/')
    for style in styles.STYLES:
        assert style.layouts or style.square, style
        for layout in style.layouts + style.square:
            for _ in range(5):
                text = styles.random_text(style, layout, draw)
                assert set(text) <= known, (style.code, layout, text)
                assert sum(sign.isalnum() for sign in text) >= 1
        assert all('/' in layout or layout == 'w'
                   for layout in style.square), style.code


def the_lines_of_a_square_part_where_no_ink_is(folder):
    for gap in range(32, 48, 3):
        square = numpy.full((80, 80), 220, numpy.uint8)
        square[6:gap - 1, ::4] = 20
        square[gap + 3:74, ::4] = 20
        assert abs(platepicture.find_split(square) - gap) <= 2, gap


def without_typefaces_there_is_a_clear_error(folder):
    try:
        fonts.Fonts(os.path.join(folder, 'pictures'))
    except FileNotFoundError as error:
        assert 'models/train/materials' in str(error)
        return
    raise AssertionError('no error')


def main():
    if not glob.glob(os.path.join(TYPEFACES, '*.ttf')):
        print('1..0 # SKIP fonts-dejavu-core is not installed')
        return 0
    tests = [same_seed_same_scenes, truth_is_well_formed,
             what_is_pasted_lies_where_its_corners_are,
             homographies_map_their_points,
             plates_and_boards_are_drawn_in_their_ranges,
             same_seed_same_plate_pictures,
             texts_of_plate_pictures_are_what_a_reader_can_tell,
             every_layout_spells_signs_and_marks,
             the_lines_of_a_square_part_where_no_ink_is,
             without_typefaces_there_is_a_clear_error]
    failed = 0
    print('1..%d' % len(tests))
    with tempfile.TemporaryDirectory(prefix='anpr-scenes-') as folder:
        fill_folder(folder)
        for number, test in enumerate(tests, 1):
            try:
                test(folder)
                print('ok %d - %s' % (number, test.__name__), flush=True)
            except Exception as error:  # pylint: disable=broad-except
                failed += 1
                print('not ok %d - %s: %r' % (number, test.__name__, error),
                      flush=True)
    return failed > 0


if __name__ == '__main__':
    sys.exit(main())
