"""Sea lanes of the map: the way of a ship from place to place, round the land.

The lanes are lines between points of the open sea, straits and canals, drawn by hand after what
ships do. A way leads from a place to the lanes, along them, and to the other place; the shortest is
taken, and land counts many times, so that only the last miles of an inland place lie on it. Legs
share the lanes, so that they can be drawn as one line where they run together.
"""

from __future__ import annotations

import heapq
import itertools
import math
from functools import cache

import numpy as np

from flowopt.report.outlines import CELLS, Point, land_grid

_LAND = 12.0  # times as long as the sea
_NEAREST = 12  # points of the lanes that a place may join
_STEP = 0.25  # degrees between the points of a line at which land is looked for

_POINTS: dict[str, Point] = {
    # the Pacific coast of the Americas
    "alaska": (-150, 56), "vancouver": (-127, 48.5), "california": (-122.5, 34),
    "baja": (-114.5, 25.5), "cabo": (-110, 21.5), "manzanillo": (-105.5, 18.2),
    "tehuantepec": (-97, 14.8), "fonseca": (-89, 12), "burica": (-83.5, 7.3),
    "panama bay": (-79.6, 7.2), "balboa": (-79.5, 8.8), "colon": (-80, 9.7),
    "esmeraldas": (-81, 1), "guayaquil": (-81.6, -2.6), "paita": (-82.2, -5.2),
    "chimbote": (-80, -9.2), "callao": (-77.9, -12.3), "pisco": (-77.2, -14.2),
    "matarani": (-73.5, -17.4), "arica": (-71.2, -18.8), "antofagasta": (-71.4, -23.6),
    "valparaiso": (-72.8, -33), "chiloe": (-76.5, -44), "magellan": (-76.5, -53),
    "horn": (-67, -57.2),
    # the Atlantic coast of the Americas
    "falklands": (-62, -53), "patagonia": (-61.5, -43), "plata": (-55, -36),
    "buenos aires": (-57.6, -35), "rio grande": (-48.5, -30), "santos": (-45.8, -24.7),
    "cabo frio": (-40.5, -23.3), "abrolhos": (-37.5, -17), "recife": (-34, -8),
    "natal": (-34.8, -4.6), "fortaleza": (-40, -1.5), "belem": (-46.5, 1),
    "guianas": (-52, 7), "trinidad": (-60, 12), "venezuela": (-67, 13), "carib": (-74, 13.5),
    "mona": (-67.9, 18.4), "windward": (-74.1, 20), "jamaica": (-79, 18.3),
    "yucatan": (-86, 22), "gulf": (-90, 26), "houston": (-94, 28.5), "florida": (-81.2, 23.9),
    "bahamas": (-79, 28.5), "hatteras": (-74.5, 35), "new york": (-73, 40),
    "nova scotia": (-63, 43), "cabot": (-60, 47.3), "gaspe": (-64, 49.7),
    "quebec": (-67.3, 49.3), "newfoundland": (-52, 45.5),
    # the Atlantic, and Europe
    "sargasso": (-52, 27), "azores": (-28, 40), "verde": (-27, 16), "canaries": (-18.5, 28.5),
    "madeira": (-12, 34), "iceland": (-20, 58), "finisterre": (-10.3, 43.8), "lisbon": (-10, 38.4),
    "cadiz": (-7.5, 36.2), "gibraltar": (-5.6, 35.95), "alboran": (-2.5, 36.1),
    "valencia": (1, 38.8), "barcelona": (2.8, 41), "lions": (5, 42.5), "genoa": (8.8, 43.8),
    "algiers": (3, 37.7), "sardinia": (7.4, 38.2), "bizerte": (10.5, 37.8), "malta": (14.8, 35.6),
    "ionian": (19, 37), "adriatic": (18.3, 41), "crete": (23.5, 34.2), "aegean": (25.2, 37.4),
    "port said": (32.3, 31.9), "biscay": (-5.8, 48.8), "channel": (-1.5, 49.95),
    "dover": (1.5, 50.95), "flanders": (2.9, 51.9), "german bight": (6, 54.6),
    "dogger": (4.5, 56.5), "skagen": (10, 58.1), "kattegat": (11.5, 56.7), "belt": (11, 55.3),
    "fehmarn": (11.6, 54.5),
    "bornholm": (14.5, 54.9), "gotland": (19.8, 57.5), "finland": (23, 59.3),
    "petersburg": (28, 60), "north cape": (22, 72), "norway": (4, 62), "murmansk": (35, 70.5),
    # Africa, the Red Sea, the Indian Ocean
    "dakar": (-18.4, 14.5), "bissau": (-17.4, 11.3), "liberia": (-13, 6), "palmas": (-7.5, 3.7),
    "guinea": (2, 4), "bonny": (6.5, 2.8), "congo": (10.5, -5.5), "angola": (10.5, -14),
    "namibia": (12, -23), "cape": (17, -34.5), "agulhas": (20.5, -36), "durban": (32, -30.5),
    "maputo": (36, -26), "mozambique": (41.8, -16), "mombasa": (42.5, -4.5), "somalia": (52, 3),
    "guardafui": (52.5, 13), "aden": (46, 12.2), "mandeb": (43.35, 12.5), "red sea": (40, 17.5),
    "jeddah": (37.8, 21.5), "hurghada": (34.6, 26.5), "suez": (32.6, 29.7), "oman": (60, 21),
    "hormuz": (57, 25.5), "karachi": (66, 23.8), "mumbai": (71.5, 18), "ceylon": (80, 5.4),
    "madras": (82, 13), "bengal": (88.5, 20), "reunion": (55, -26), "mauritius": (62, -20),
    "aceh": (94.5, 6.3), "penang": (98.8, 5), "malacca": (101.3, 2.6), "singapore": (104.3, 1.1),
    "cocos": (97, -10), "sunda": (105, -7), "java": (106.3, -5.2), "belitung": (108.2, -2),
    # East Asia, Australia, the Pacific
    "saigon": (108, 8.5), "paracel": (113.5, 15.5), "hong kong": (114.3, 21.9),
    "luzon": (120.4, 20.2), "formosa": (119.5, 24.2), "shanghai": (123, 31),
    "yellow": (123, 36), "korea": (129, 34.2), "okinawa": (127, 26), "kyushu": (131.5, 30.5),
    "tokyo": (140.5, 34.5), "hokkaido": (146, 42), "aleutians": (175, 50),
    "dateline": (-170, 51), "guam": (145, 15), "hawaii": (-159.5, 19.2), "marshall": (170, 9),
    "line": (-160, 2), "marquesas": (-135, -6), "galapagos": (-95, -3), "tuamotu": (-140, -24),
    "kermadec": (-178, -30.5), "cook": (-160, -28), "north cape nz": (173, -33.8),
    "auckland": (175.8, -36), "sydney": (152.8, -34), "brisbane": (154.8, -27.5),
    "coral": (156, -14), "solomons": (156.5, -3), "bass": (147, -39.2), "otway": (143, -39.3),
    "bight": (131, -36), "leeuwin": (114, -35), "fremantle": (114.5, -31.5),
    "exmouth": (112, -22), "lombok": (115.8, -9.5), "makassar": (118, -2),
    "celebes": (121, 4), "comorin": (76.3, 7),
    "trincomalee": (82.8, 7),
    "hadd": (60.6, 23),
    "elizabeth": (26.5, -35.2),
    "sable": (-58.5, 45.3),
    "miami": (-79.5, 25.5),
    "havana": (-84.3, 23.8),
    "catanduanes": (126, 14),
    "babuyan": (123, 19.5),
    "st vincent": (-9.7, 36.6),
    "corsica": (7.6, 42),
    "gabo": (151, -38.2),
    "beachy": (0.4, 50.4),
    "matsu": (121.3, 26.5),
    "gata": (-0.9, 36.8),
    "kythira": (22.6, 35.9),
    "otranto": (19, 40.2),
    "crooked": (-74.2, 22.9),
    "sharks": (111.5, -26),
    "mendocino": (-126, 40.3),
    "goto": (127.8, 32),
    "mindanao": (127.5, 6),
}  # fmt: skip
_LANES = """
alaska-vancouver-mendocino-california-baja-cabo-manzanillo-tehuantepec-fonseca-burica-panama bay
panama bay-balboa-colon
panama bay-esmeraldas-guayaquil-paita-chimbote-callao-pisco-matarani-arica-antofagasta
panama bay-guayaquil; panama bay-paita; burica-paita; burica-galapagos; manzanillo-paita
manzanillo-galapagos-callao; galapagos-paita; tehuantepec-guayaquil; tehuantepec-paita
antofagasta-valparaiso-chiloe-magellan-horn-falklands-patagonia-plata-buenos aires
callao-antofagasta; pisco-valparaiso; callao-valparaiso; arica-valparaiso
plata-rio grande-santos-cabo frio-abrolhos-recife-natal-fortaleza-belem-guianas-trinidad
trinidad-venezuela-carib-colon; falklands-plata
trinidad-mona; colon-mona-sargasso-azores; colon-windward; windward-crooked-sargasso
colon-jamaica-yucatan-havana-gulf-houston
yucatan-havana-florida-miami-bahamas-hatteras-new york-nova scotia
gulf-florida; jamaica-windward; hatteras-sargasso; bahamas-sargasso; crooked-hatteras
nova scotia-sable-cabot-gaspe-quebec; nova scotia-newfoundland-biscay; newfoundland-sable
nova scotia-newfoundland
new york-newfoundland; new york-azores; newfoundland-azores; newfoundland-iceland-norway
azores-finisterre; azores-lisbon; azores-biscay; sargasso-biscay; sargasso-madeira
azores-st vincent
mona-finisterre; sargasso-finisterre; sargasso-st vincent
natal-verde-canaries-st vincent; recife-verde; canaries-st vincent; canaries-finisterre
fortaleza-verde
verde-finisterre; belem-azores; belem-canaries; guianas-azores; natal-dakar; belem-verde
verde-dakar; canaries-dakar-bissau-liberia-palmas-guinea-bonny-congo-angola-namibia-cape-agulhas
recife-palmas; recife-liberia; recife-bissau; natal-bissau; recife-angola
canaries-madeira-st vincent
cabo frio-cape; cabo frio-namibia; santos-cape; plata-cape; palmas-namibia; liberia-congo
recife-cape
finisterre-biscay-channel-beachy-dover-flanders-german bight-dogger; lisbon-finisterre
flanders-dogger-skagen-kattegat-belt-fehmarn-bornholm-gotland-finland-petersburg
dogger-norway-north cape-murmansk; iceland-norway
lisbon-st vincent-cadiz-gibraltar-alboran-gata-valencia-barcelona-lions-genoa; corsica-genoa
corsica-lions; madeira-lisbon
alboran-algiers; gata-algiers-sardinia-bizerte-malta-crete-port said; algiers-barcelona
sardinia-corsica
malta-ionian-otranto-adriatic; ionian-kythira-aegean; kythira-crete; malta-port said; ionian-crete
port said-suez-hurghada-jeddah-red sea-mandeb-aden-guardafui
guardafui-oman-hadd-hormuz; hadd-karachi-mumbai; guardafui-mumbai-comorin-ceylon; guardafui-comorin
guardafui-somalia-mombasa-mozambique-maputo-durban-elizabeth-agulhas; somalia-ceylon; hormuz-karachi
ceylon-trincomalee-madras-bengal; ceylon-aceh-penang-malacca-singapore; bengal-aceh
durban-reunion-mauritius-ceylon; mauritius-cocos-sunda-java-belitung-singapore; agulhas-reunion
mauritius-aceh; reunion-leeuwin; agulhas-leeuwin; cocos-fremantle; reunion-cocos
singapore-saigon-paracel-hong kong; paracel-luzon; hong kong-luzon-okinawa-kyushu-tokyo-hokkaido
hong kong-formosa-matsu-shanghai-yellow; shanghai-goto-korea; okinawa-shanghai; kyushu-goto
hokkaido-aleutians-dateline-alaska; dateline-vancouver; tokyo-aleutians
luzon-guam-marshall-line-marquesas-galapagos; marquesas-callao; tokyo-guam; marquesas-panama bay
marshall-hawaii-california; hawaii-manzanillo; tokyo-hawaii; hawaii-tehuantepec
callao-tuamotu-cook-kermadec-north cape nz-sydney; tuamotu-antofagasta; tuamotu-panama bay
valparaiso-cook; kermadec-auckland; north cape nz-auckland; cook-marquesas; horn-cook
sydney-brisbane-coral-solomons-guam
sydney-gabo-bass-otway-bight-leeuwin-fremantle-sharks-exmouth-lombok
lombok-makassar-celebes-mindanao-guam; mindanao-catanduanes-babuyan-luzon; exmouth-sunda
solomons-marshall
magellan-tuamotu; cook-sydney
"""


@cache
def _lanes() -> dict[str, dict[str, float]]:
    """Return the length of each lane from each point, in degrees of a great circle."""
    lanes: dict[str, dict[str, float]] = {name: {} for name in _POINTS}
    for chain in _LANES.replace("\n", ";").split(";"):
        names = [name.strip() for name in chain.split("-") if name.strip()]
        for one, other in itertools.pairwise(names):
            length = _length(_POINTS[one], _POINTS[other])
            lanes[one][other] = lanes[other][one] = length
    return lanes


@cache
def sea_way(start: Point, end: Point) -> tuple[Point, ...]:
    """Return the points of a ship's way, longitudes without a jump at the antimeridian.

    Parameters
    ----------
    start, end
        Longitude and latitude.
    """
    best = _cost(start, end)
    names: tuple[str, ...] = ()
    last = dict(_joins(end))
    waiting: list[tuple[float, tuple[str, ...]]] = [(c, (name,)) for name, c in _joins(start)]
    heapq.heapify(waiting)
    done: set[str] = set()
    while waiting:
        cost, way = heapq.heappop(waiting)
        if cost >= best:
            break
        if way[-1] in done:
            continue
        done.add(way[-1])
        if cost + last.get(way[-1], math.inf) < best:
            best, names = cost + last[way[-1]], way
        for name, length in _lanes()[way[-1]].items():
            if name not in done:
                heapq.heappush(waiting, (cost + length, (*way, name)))
    return _unrolled([start, *(_POINTS[name] for name in names), end])


def _joins(place: Point) -> list[tuple[str, float]]:
    """Return the points of the lanes near a place, and what it costs to reach them."""
    nearest = sorted(_POINTS, key=lambda name: (_length(place, _POINTS[name]), name))[:_NEAREST]
    return [(name, _cost(place, _POINTS[name])) for name in nearest]


def _cost(start: Point, end: Point) -> float:
    """Return the length of a straight line on the map, land many times."""
    return _length(start, end) * (1.0 + (_LAND - 1.0) * land_share(start, end))


def land_share(start: Point, end: Point) -> float:
    """Return which share of a straight line on the map lies on land."""
    (x0, y0), (x1, y1) = _unrolled([start, end])
    count = max(2, math.ceil(max(abs(x1 - x0), abs(y1 - y0)) / _STEP) + 1)
    xs, ys = np.linspace(x0, x1, count), np.linspace(y0, y1, count)
    grid = land_grid()
    columns = np.floor((xs + 180.0) * CELLS).astype(int) % grid.shape[1]
    rows = np.clip(np.floor((ys + 90.0) * CELLS).astype(int), 0, grid.shape[0] - 1)
    return float(grid[rows, columns].mean())


def _length(start: Point, end: Point) -> float:
    """Return the great circle between two points, in degrees."""
    (x0, y0), (x1, y1) = start, end
    a, b, turn = math.radians(y0), math.radians(y1), math.radians(x1 - x0)
    inner = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(turn)
    return math.degrees(math.acos(max(-1.0, min(1.0, inner))))


def _unrolled(points: list[Point]) -> tuple[Point, ...]:
    """Return points whose longitudes take the shorter way from each to the next."""
    way = [points[0]]
    for x, y in points[1:]:
        way.append((x + 360.0 * round((way[-1][0] - x) / 360.0), y))
    return tuple(way)
