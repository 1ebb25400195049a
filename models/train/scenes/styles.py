# gst-anpr: number plate recognition for GStreamer
#
# SPDX-License-Identifier: LGPL-2.1-or-later
"""How each country's number plates are laid out and coloured.

What a reader learns of O and 0, I and 1 is where they may stand, so letters are
those that a country's plates really have in each place. All texts are random:
no list of real plates is used. Layouts are written with

    C letter of the first group (district), L letter, P any letter
    D digit, N digit but 0, A letter or digit
    space gap   - hyphen   + dot   o seal or arms   : small seal above a hyphen
    | line before a region's number   / next line
    other lower-case letters, and O: that letter   w alone or after a space: a word
    *n behind a layout: n times as often

What is a gap, hyphen, dot or seal separates groups; it is no sign of the text.
Colours are luma, as a camera would see them by day.
"""

import dataclasses

import numpy

ALL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
DIGITS = '0123456789'
UMLAUTS = 'ÄÖÜ'


def without(left_out):
    return ''.join(letter for letter in ALL if letter not in left_out)


@dataclasses.dataclass
class Style:
    """code: as the band shows it; weight: how often; layouts, square: of one
    and of two lines; letters, first: of L and of C; alike: share of plates
    where O and 0, I and 1 are drawn the same. Sizes in millimetres."""
    code: str
    weight: float
    layouts: str
    square: str = ''
    letters: str = ALL
    first: str = ''
    alike: float = 0.1
    slit: float = 0                   # how many have a gap in their zeros
    size: tuple = (520, 110)
    two_line: tuple = (290, 200)
    square_share: float = 0.22
    ground: tuple = (190, 255)
    ink: tuple = (0, 55)
    band: str = 'left'                # left, right, both, none
    band_share: float = 0.9           # how many have one
    inverted: float = 0.02            # how many are light on dark
    header: float = 0                 # how many carry small words above
    footer: float = 0                 # and below
    side: float = 0.04                # how many carry small signs at the end
    seal: str = ''                    # the kind most of its seals are of

    def __post_init__(self):
        self.layouts = _weighted(self.layouts)
        self.square = _weighted(self.square)
        self.first = self.first or self.letters


def _weighted(text):
    """('A*3', 'B') as a list with as many of each as its weight."""
    out = []
    for layout in text.split('_') if text else []:
        layout, _, times = layout.partition('*')
        out += [layout] * int(times or 1)
    return out


_NL = 'BDFGHJKLNPRSTVXZ'
_GREEK = 'ABEHIKMNOPTXYZ'
_CYRILLIC = 'ABEKMHOPCTYX'

# Layouts are parted by _
STYLES = [
    Style('B', 5.5, 'n-LLL-DDD', first=without('O'), letters=without('O')),
    Style('NL', 4, 'LL-DDD-L*2_L-DDD-LL*3_DD-LL-DD*2_DD-LLL-D*4_D-LLL-DD*4_'
          'LL-LL-DD*2_LL-DD-LL_DD-LL-LL*2_LLL-DD-L*2_DD-DD-LL_LL-DD-DD',
          'LL-DD/LL_DD-LL/DD_DD-LL/L_LL/DDD-L_D-LLL/DD', letters=_NL + 'MW',
          slit=0.5, two_line=(210, 180), ground=(130, 225)),
    Style('D', 6, 'CoLLDDD*3_CCoLDDDD*2_CCoLLDDDD*2_CCoLLDDD*4_CCCoLDDD*3_'
          'CCCoLLDDD*2_CoLLDDDD*4_CCoLLDD*2_CoLDDDD_CCoLLDDDe_CoLLDDDe_'
          'CCoLLDDh_CCCoLDD_CCCoLLD_CoLD_CCoLDD_CCoLDDDh_CCo04DDD_CoLDD_'
          'CCoDDDD_CoDDDDD_0oDDD-DDD_0oDDD-DD',
          'CCo/LLDDD*2_Co/LDDDD_CCCo/LDDD*2_CCo/LDD_CCCo/LLDD_Co/LLDDDD_'
          'CoL/DDDD_CCo/LLDDe', first=ALL + UMLAUTS, alike=0.03, slit=0.6,
          two_line=(280, 200)),
    Style('F', 4, 'LL-DDD-LL*8_w-DDD-LL_DDDLLL DD*2_DDDD LL DD*2_DDD LL DD',
          'LL-DDD/LL_LL-/DDD-LL*4_DDDD/LL DD_DDD L/LL DD_LL/DDD-LL',
          letters=without('IOU'), band='both', side=0.1,
          two_line=(280, 200)),
    Style('L', 0.9, 'LL DDDD*3_LLDDDD_DDDDD_LL DDD_DDDD_L DDDD', 'LL/DDDD',
          letters=without('IO'), ground=(150, 225)),
    Style('GB', 4, 'CCDD LLL*4_CC1D LLL*3_CC0D LLL*2_CC5D LLL*2_CC6D LLL*2_'
          'LDDD LLL*2_LLL DDDL_LDD LLL_LL DDDD_L DDD_'
          'LLL D_LLL DDD_DDDD LL_D LLL_DDD LL_LD LLL_LLL DL_LLi DDDD_LDDLLL_'
          'L D_LLL DDDL*2_w*2',
          'CCDD/LLL*3_CC1D/LLL*2_CC0D/LLL_LDDD/LLL_LLL/DDD_DDD/LLL_LLL/DDDL_'
          'LL/DDDD',
          letters=without('IQ'), first=without('IQZ'), alike=0.85,
          size=(520, 111), two_line=(285, 203), ground=(140, 255),
          band_share=0.5),
    Style('PL', 2.5, 'LL DDDDD*3_CCC DDDD_LL DDDDA*2_CCC LDDD_CC DDDLL*2_'
          'CN AAAAA_CN w_CCCoDDDD_CCoDDDDD_CCoDDDAA_CCCoDDLL_CCCoDDLD',
          'CCo/DDDDD_CCC/DDDD_CC/DDDDL_CC/DDDLL_CCCo/LDDD_CC/DDLDD',
          letters=without('BDIOQZ'), first=without('Q'),
          two_line=(305, 214)),
    Style('RO', 3.5, 'CC DD LLL*4_b DD LLL*2_b DDD LLL*4_CC DDDDDD_b DDDDDD_'
          'CCDDLLL', 'CC DD/LLL_b DDD/LLL_b DD/LLL',
          letters=without('Q'), first=without('EKUWY'), two_line=(280, 200)),
    Style('CZ', 2.2, 'NLD DDDD*4_NLA DDDD*2_NLDoDDDD*4_NLAoDDDD',
          'NLD/DDDD*3_NLDo/DDDD_NLA/DDDD', letters='ABCEHJKLMPSTUZ',
          alike=0.05, slit=0.2, two_line=(280, 200)),
    Style('SK', 1.8, 'CCoDDDLL*4_CC DDDLL_CC-DDDLL', 'CCo/DDDLL*3_CC/DDDLL',
          letters=without('QWO'), two_line=(280, 200)),
    Style('BG', 1.5, 'CC DDDD LL*4_C DDDD LL_CCDDDDLL', 'CC/DDDDLL_CC DD/DDLL',
          letters=_CYRILLIC),
    Style('UA', 1, 'CC DDDD LL*3_CCDDDDLL', 'CC DD/DDLL',
          letters='ABCEHIKMOPTX', size=(520, 112)),
    Style('LT', 1.2, 'LLL:DDD*6_LLL DDD*2_LLLoDDD_CN:DDD*2_LL:DDD_tDDDDD',
          'LLL/DDD_LL/DDD', letters=without('QWX')),
    Style('E', 1.8, 'DDDD LLL*4_CC DDDD LL_C DDDD LL_CDDDDLL_CDDDDDLLL',
          'DDDD/LLL*3_C DDDD/LL', letters=without('AEIOUQ')),
    Style('I', 2.2, 'LL DDDLL*3_LLoDDDLL*4_LL-DDDLL_LL+DDDLL',
          'LL/DDDLL*3_LLo/DDDLL', letters=without('IOQU'), band='both',
          side=0.1, two_line=(297, 214)),
    Style('H', 1, 'LLL-DDD*5_LL LL-DDD*2_LLoLL-DDD', 'LLL/DDD_LL LL/DDD'),
    Style('TR', 1, 'DD LLL DD*2_DD LL DDD*2_DD L DDDD*2_DD LLL DDD_DD LL DDDD',
          'DD LLL/DD_DD L/DDDD_DD LL/DDD', letters=without('QWX')),
    Style('LV', 1.2, 'LL-DDDD*4_LL-DDD_LL-DD_LL-D_LLLLLL_PPPPD',
          'LL/DDDD_LL/DD-DD',
          letters=without('QWXY')),
    Style('EST', 0.8, 'DDD LLL*4_DDDLLL_DD LLL_LLoDDDD', 'DDD/LLL',
          letters=without('QW')),
    Style('P', 1.2, 'DD-LL-DD*3_LL-DD-DD*2_DD-DD-LL*2_LL DD LL*2_LL-DD-LL_'
          'DD+LL+DD_LL+DD+DD_DDDDD-L*2', 'DD-LL/DD_LL/DD-DD_DD/LL-DD',
          band='both',
          letters=without('YKW'), side=0.2),
    Style('A', 2.6, 'CoDDDDDL*2_woDDDDDL*3_woDDDLL_CCoDDDLL*3_CCoDDDDL_'
          'CCoLDDD_CoLLLLD_CCoLLLD_'
          'CCoLDDDD_CoLLLDD_CoDDDLL_CCoPPPPD_CCoDDLLL',
          'CCo/DDDLL*2_Co/DDDDDL_wo/DDDDL*2_wo/DDLLL*2_wo/DLLL_CCo/LLLD_'
          'CCo/DDDL', letters=without('QI'),
          first=without('AQX'), size=(520, 120)),
    Style('DK', 1.2, 'LL DD DDD*4_LL DDDDD*2_PPPPPP', 'LL/DD DDD_LL DD/DDD',
          letters=without('IQW'), size=(504, 120)),
    Style('S', 1.5, 'LLL DDD*4_LLLoDDD*3_LLL DDA_LLL DDL_PPPPPP_PPPP D_w*2',
          'LLL/DDD',
          letters=without('IQVO')),
    Style('N', 0.8, 'LL DDDDD*5_LL DDDD_PPPPP', 'LL/DDDDD',
          letters=without('GIMOQW')),
    Style('FIN', 0.9, 'LLL-DDD*4_LL-DDD_LLL-DD_PPP-D', 'LLL/DDD'),
    Style('IS', 0.6, 'LLoLDD*2_LLoDDD*3_LL LDD', 'LL/LDD', band_share=0.6),
    Style('HR', 1.2, 'CCoDDD-LL*3_CCoDDDD-L_CCoDDDD-LL*3_DDD-L-DDD_CC-DDDL',
          'CCo/DDD-LL'),
    Style('SRB', 0.8, 'CCoDDD-LL*2_CCoDDDD-LL', 'CCo/DDD-LL'),
    Style('SLO', 1.8, 'CCoLL-DDD*3_CCoDD-DLL*2_CCoLD-DDD*2_CCoDD-LDD_'
          'CCoDDD-LL_CCoLL-LDD_CCoLL-LLL', 'CCo/LL-DDD*2_CCo/DD-DLL',
          letters=without('QWXY')),
    Style('BIH', 0.4, 'LDD-L-DDD', letters='AEJKMOT', two_line=(290, 200)),
    Style('MNE', 0.3, 'CCoLLDDD'), Style('NMK', 0.3, 'CC DDDD LL'),
    Style('AL', 0.4, 'LL DDD LL', band='both'), Style('RKS', 0.3, 'DD DDD LL'),
    Style('MD', 0.4, 'LLL DDD_C LL DDD', letters=without('QIO')),
    Style('GR', 1.4, 'LLL-DDDD*3_LLL:DDDD*2_LL-DDDD', 'LLL/DDDD',
          letters=_GREEK),
    Style('CY', 0.8, 'LLL DDD*4_LL DDD', 'LLL/DDD', letters=without('OQI')),
    Style('M', 0.9, 'LLL DDD*4_LLL:DDD_PPPPPP', 'LLL/DDD', alike=0.3),
    Style('IRL', 1.2, 'DD-C-DDDDD*3_DDD-C-DDDDD*2_DD-CC-DDDD*2_DDD-CC-DDDD_'
          'DD-C-DDDD_DD-CC-DDD_DDD-C-DDD', 'DDD-C/DDDDD_DD-CC/DDDD_'
          'DD-C/DDDDD', letters='CDEGHKLMNORSTUWXY', header=0.6),
    Style('CH', 2, 'CCoDDDDDD*3_CCoDDDDD*2_CCoDDD DDD_CC+DDDDDD',
          'oCCo/DDDDDD*2_oCCo/DDDDD*2_oCCo/DDD DDD',
          letters=without('CHKMPQXY')
          + 'HH', first='ABFGJLNOSTUVZERIDHW', size=(500, 110), band='none',
          two_line=(300, 160), square_share=0.5, side=0.1),
    Style('FL', 0.2, 'floDDDDD', ink=(190, 255), ground=(0, 70), band='none'),
    Style('RUS', 0.8, 'LDDDLL|DD*2_LDDDLL|DDD*2', letters=_CYRILLIC,
          size=(520, 112), band='none'),
    Style('BY', 0.4, 'DDDD LL-D', letters='ABEIKMHOPCTX'),
    Style('GE', 0.2, 'LL-DDD-LL'), Style('KZ', 0.2, 'DDDLLL|DD_DDD LLL DD'),
    Style('GBJ', 0.3, 'j DDDDD_DDDDD_LLL-DDD-L_LL DDDD_g DDDD l'),
    Style('CD', 0.9, 'cd-DDDDD_cd-LL DDD_cc LL-DDD_DDD cd DD_D-cd DDD_'
          'LL-cd-DDD'
          '_DD cd DDD', 'cd/DDDDD_DD cd/DDD_cd-/DDDD', inverted=0.4),
    # shapes of elsewhere: 2:1 with small words, and a line above the number
    Style('USA', 2, 'AAAAAAA_LLL DDDD_DLLLDDD_LLLDDDD_DDD LLL_AAA AAA_LLLoDDD_'
          'AAAA', size=(305, 152), ground=(130, 255), ink=(0, 110),
          band='none', inverted=0.1, header=0.85, footer=0.6),
    Style('BR', 0.8, 'LLL-DDDD_LLL DDDD_LLLDLDD_LLL+DDDD', size=(400, 130),
          ground=(130, 230), ink=(0, 60), band='none', header=0.8),
    Style('', 4, 'AAAAAA_AA AAAA*2_PPPPPP*2_PPP_DDDDDD_AAA-AAA_PPPPDD_AAAA_'
          'AAAAAAAA_LDLD_PP-DD_DDDD_N_PDD_PP D_P D_DDD-DDD_w*9',
          'AAA/AAA_PPP/DDDD_DD/AAAA_PPPP/DD_PP/AAAA_PPP/PPP_AAAA/AAA_w',
          ground=(120, 255), ink=(0, 90), band_share=0.6, inverted=0.25,
          alike=0.25, side=0.1, square_share=0.25),
    Style('', 1.4, '', 'LL D/LDDD_LLL/DDD_CCo/LDD_AA/AAAA_LLD/DDD_LL/DDDL_'
          'CCCo/LDD_DDDD/LLL_mLL/DDD', size=(210, 160), two_line=(210, 160),
          square_share=1),
]
# What stands between the groups, where most plates of a country have the same
for _style in STYLES:
    if _style.code == 'A':
        _style.seal = 'arms'
    elif _style.code in ('CH', 'SK', 'SLO', 'HR', 'SRB', 'FL'):
        _style.seal = 'shield'
    elif _style.code in ('D', 'CZ', 'LT', 'H', 'PL'):
        _style.seal = 'pair'
    elif _style.code in ('S', 'EST'):
        _style.seal = 'sticker'
# Belgium's many series, by hand
STYLES[0].layouts = _weighted(
    '1-LLL-DDD*8_2-LLL-DDD*8_1:LLL-DDD*5_LLL-DDD*6_DDD-LLL*2_q-LLL-DDD*2_'
    'm-LLL-DDD_O-LLL-DDD_1-OLL-DDD_t-xLL-DDD_8-LLL-DDD_w-LDD-LLL_z-LLL-DDD_'
          '1-DDDDDD_'
    'g-LLL-DDD_s-LLL-DDD_LL+DDD_DD+L+DD_LLLDDD_9-LLL-DDD_a-DDD_p-DDD_'
    'cd-LL-DDD_eurDDDD_DDD+eurO')
STYLES[0].square = _weighted(
    '1-LLL/DDD*6_2-LLL/DDD*4_1:LLL/DDD*5_LLL/DDD_q-LLL/DDD_m-LLL/DDD_'
    'DDD/LLL_s-LLL/DDD')
STYLES[0].ink = (55, 115)
STYLES[0].two_line = (210, 140)
STYLES[0].side = 0.2

WEIGHTS = numpy.cumsum([style.weight for style in STYLES])


def random_style(random):
    at = random.random() * WEIGHTS[-1]
    return STYLES[int(numpy.searchsorted(WEIGHTS, at))]


def random_word(random, length):
    """Capitals that look like a word, vowel after consonant."""
    vowels, others = 'AEIOU', 'BCDFGHJKLMNPRSTVWXZ'
    word = ''
    for index in range(length):
        word += random.choice(vowels if (index + length) % 2 else others)
    return word


def _made_up(random):
    """Personalised: a word, some with a number, some with an umlaut."""
    word = random_word(random, random.randint(2, 7))
    if random.random() < 0.25:
        word = word.translate(str.maketrans('AOU', UMLAUTS)) \
            if random.random() < 0.2 else word + str(random.randint(0, 99))
    elif random.random() < 0.15:
        word = str(random.randint(0, 99)) + word
    elif random.random() < 0.06:
        at = random.randrange(len(word))
        word = word[:at] + random.choice('0134578') + word[at + 1:]
    elif random.random() < 0.1:
        word = word.replace('A', 'O').replace('E', 'O')
    if len(word) > 3 and random.random() < 0.2:
        at = random.randint(1, len(word) - 1)
        word = word[:at] + random.choice(' -') + word[at:]
    return word


def _letter(letters, last, random):
    """One of the letters; those that are hard to tell more often, and the last
    one once more."""
    kind = random.random()
    if kind < 0.06 and last and last in letters:
        return last
    if kind < 0.22:
        hard = random.choice('IIOQQDPBMWWGQ')
        if hard in letters:
            return hard
    return random.choice(letters)


def _digit(digits, last, random):
    """One of the digits; ones and the last one again more often, for two narrow
    signs side by side are easily taken for one."""
    kind = random.random()
    if kind < 0.1 and last and last in digits:
        return last
    if kind < 0.18:
        return '1'
    return random.choice(digits)


def random_text(style, layout, random):
    """Signs in the layout: letters, digits and the layout's own marks."""
    if layout == 'w':
        return _made_up(random)
    if layout.endswith(' w'):
        return random_text(style, layout[:-1], random) + random_word(
            random, random.randint(3, 5))
    out = ['']
    for mark in layout:
        if mark == 'A':
            mark = 'L' if random.random() < 0.5 else 'D'
        if mark == 'D':
            out.append(_digit(DIGITS, out[-1], random))
        elif mark == 'N':
            out.append(_digit(DIGITS[1:], out[-1], random))
        elif mark == 'L':
            out.append(_letter(style.letters, out[-1], random))
        elif mark == 'C':
            out.append(_letter(style.first, out[-1], random))
        elif mark == 'P':
            out.append(_letter(ALL, out[-1], random))
        elif mark.islower() and mark != 'o':
            out.append(mark.upper())
        else:
            out.append(mark)
    return ''.join(out)
