"""The tables of a network, one row model each: the single source of every column.

The row models carry the type, the unit and the meaning of every column (`networks/README.md` is
generated from them), and are themselves the frozen rows that a `Network` holds; one that a program
makes is judged as a file's is. Annotations are objects here, no texts, as they are read at run
time. Sign convention: every quantity is non-negative, except in `recipes`, where
consumed is negative and produced is positive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from keyword import iskeyword
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal, Self, get_args, get_origin, get_type_hints

from flowopt.errors import InputError, Problem
from flowopt.network.columns import CellFault, CellType, Column

NODE_KINDS = ("area", "precursor", "site", "transit", "airstrip", "port", "border", "market")
NodeKind = Literal["area", "precursor", "site", "transit", "airstrip", "port", "border", "market"]
EffectOn = Literal["arc", "node", "site", "pool", "supply", "demand"]
ChangeOn = Literal[
    "arc", "node", "site", "pool", "supply", "demand", "recipe", "effect", "measure", "reform"
]
Shape = Literal["even", "peak"]

# Columns that a scenario may change and a range may move, by what they are of. Plans are chosen
# before it shows which scenario holds, so nothing that decides on plans alone is among them.
CHANGEABLE: dict[ChangeOn, tuple[str, ...]] = {
    "arc": ("capacity", "cost", "loss"),
    "node": ("capacity",),
    "site": ("capacity", "cost"),
    "pool": ("capacity",),
    "supply": ("capacity", "cost"),
    "demand": ("quantity", "price", "weight"),
    "recipe": ("quantity",),
    "effect": ("cut", "loss", "cost", "uptime", "corruption", "success"),
    "measure": ("success",),
    "reform": ("corruption",),
}
SHARES = frozenset(
    {"loss", "cut", "uptime", "corruption", "success"}
)  # those of them that stay from 0 to 1
Relation = Literal["requires", "excludes", "after"]
Grade = Literal["A", "B", "C", "X"]


SAME_PLANS = (
    "what a measure costs and uses, limits and rules are the same in every scenario, as the plan "
    "is chosen before it shows which one holds"
)


def number_text(value: float) -> str:
    """Return the shortest text that reads back as the same number.

    >>> number_text(1500.0), number_text(0.1)
    ('1500', '0.1')
    """
    return repr(float(value)).removesuffix(".0")


Text = Annotated[str, CellType("text")]
Name = Annotated[str, CellType("text", filled=True)]
Id = Name
Ids = Annotated[tuple[str, ...], CellType("list")]
SomeIds = Annotated[tuple[str, ...], CellType("list", filled=True)]
Number = Annotated[float, CellType("number")]
Amount = Annotated[float, CellType("number", least=0)]
Share = Annotated[float, CellType("number", least=0, most=1)]
Latitude = Annotated[float, CellType("number", least=-90, most=90)]
Longitude = Annotated[float, CellType("number", least=-180, most=180)]


def _set_values(row: Any, place: str) -> None:
    """Set each field of a new row to the value that what was given for it stands for.

    Raises
    ------
    InputError
        With all faults of the row.
    """
    problems = []
    for name, kind in cell_types(type(row)).items():
        given = getattr(row, name)
        try:
            value = kind.value(given)
        except CellFault as fault:
            problems.append(Problem(place, None, column_of(name), fault.about(given)))
        else:
            if value is not given:
                object.__setattr__(row, name, value)
    if problems:
        raise InputError(problems)


def _set_state(row: object, values: Sequence[Any]) -> None:
    """Set the fields of an unpickled row; those of a later version are at their defaults."""
    for place, each in enumerate(fields(row)):  # type: ignore[arg-type]  # a row
        value = values[place] if place < len(values) else each.default
        object.__setattr__(row, each.name, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Columns that every table may have beside its own; the model never reads them.

    A column whose name is a keyword of Python, as `from`, has a field with `_` behind the name;
    ``getattr`` finds it under both.
    """

    table: ClassVar[str] = ""
    key: ClassVar[tuple[str, ...]] = ()

    source: Annotated[
        Ids, Column("Where the row comes from, ids separated by `;`", "", "none", "sources")
    ] = ()
    grade: Annotated[
        Grade | None,
        Column(
            "How good the row is: A official or first-rank, B single source, "
            "C derived or recalled, X assumed for illustration",
            "",
            "no grade",
        ),
    ] = None
    note: Annotated[Text, Column("A remark for the reader", "", "none")] = ""

    def __post_init__(self) -> None:
        _set_values(self, self.table)

    def __getattr__(self, name: str) -> Any:
        """Return the value of a column whose name is a keyword."""
        if field_of(name) in self.__dataclass_fields__:  # never `name`: that was looked for
            return getattr(self, field_of(name))
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity(Row):
    """Something that moves: a leaf class, precursors, base, hydrochloride."""

    table: ClassVar[str] = "commodities"
    key: ClassVar[tuple[str, ...]] = ("commodity",)

    commodity: Annotated[Id, Column("Id of the commodity")]
    name: Annotated[Name, Column("Name for people")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Row):
    """A place."""

    table: ClassVar[str] = "nodes"
    key: ClassVar[tuple[str, ...]] = ("node",)

    node: Annotated[Id, Column("Id of the node")]
    name: Annotated[Name, Column("Name for people")]
    kind: Annotated[
        NodeKind,
        Column(f"One of {', '.join(NODE_KINDS)}; drives colours and totals, never the mathematics"),
    ]
    country: Annotated[Text, Column("Country, for totals", "", "none")] = ""
    region: Annotated[Text, Column("Region within the country, for totals", "", "none")] = ""
    continent: Annotated[Text, Column("Continent, for totals", "", "none")] = ""
    lat: Annotated[
        Latitude | None,
        Column("Latitude, WGS 84", "decimal degrees", "off the map"),
    ] = None
    lon: Annotated[
        Longitude | None,
        Column("Longitude, WGS 84", "decimal degrees", "off the map"),
    ] = None
    capacity: Annotated[
        Amount | None,
        Column(
            "Most mass that can arrive over arcs, after every loss on the way, "
            "all commodities together",
            "t/yr",
            "unlimited",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arc(Row):
    """A directed leg between two nodes. Parallel arcs are told apart by their ids."""

    table: ClassVar[str] = "arcs"
    key: ClassVar[tuple[str, ...]] = ("arc",)

    arc: Annotated[Id, Column("Id of the arc")]
    tail: Annotated[Id, Column("Node it leaves", "", "", "nodes")]
    head: Annotated[Id, Column("Node it enters", "", "", "nodes")]
    commodities: Annotated[
        SomeIds,
        Column("What it carries, ids separated by `;`", "", "", "commodities"),
    ]
    mode: Annotated[Text, Column("Road, river, air, ...; for totals", "", "none")] = ""
    capacity: Annotated[
        Amount | None,
        Column("Most mass that can enter, all its commodities together", "t/yr", "unlimited"),
    ] = None
    cost: Annotated[Amount, Column("Cost of each kg that enters", "USD/kg", "0")] = 0.0
    loss: Annotated[
        Share,
        Column(
            "Share that never arrives in ordinary times; the head receives 1 - loss", "share", "0"
        ),
    ] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply(Row):
    """How much of a commodity a node can put into the chain."""

    table: ClassVar[str] = "supplies"
    key: ClassVar[tuple[str, ...]] = ("node", "commodity")

    node: Annotated[Id, Column("Node that supplies", "", "", "nodes")]
    commodity: Annotated[Id, Column("What it supplies", "", "", "commodities")]
    capacity: Annotated[Amount | None, Column("Most it can supply", "t/yr", "unlimited")] = None
    cost: Annotated[Amount, Column("Cost of each kg there", "USD/kg", "0")] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeLine(Row):
    """One commodity of a recipe, per unit of activity."""

    table: ClassVar[str] = "recipes"
    key: ClassVar[tuple[str, ...]] = ("recipe", "commodity")

    recipe: Annotated[Id, Column("Id of the recipe; its rows together are the recipe")]
    commodity: Annotated[Id, Column("What is consumed or produced", "", "", "commodities")]
    quantity: Annotated[
        Number,
        Column(
            "Per unit of activity: negative is consumed, positive is produced (at least one is)",
            "t per t of activity",
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Row):
    """A node that runs a recipe. Sites of one pool share one capacity."""

    table: ClassVar[str] = "sites"
    key: ClassVar[tuple[str, ...]] = ("site",)

    site: Annotated[Id, Column("Id of the site")]
    node: Annotated[Id, Column("Node where it stands", "", "", "nodes")]
    recipe: Annotated[Id, Column("Recipe it runs", "", "", "recipes")]
    capacity: Annotated[
        Amount | None,
        Column("Most units of activity, shared by its pool if it has one", "t/yr", "unlimited"),
    ] = None
    cost: Annotated[Amount, Column("Cost of each kg of activity", "USD/kg", "0")] = 0.0
    pool: Annotated[
        Text, Column("Sites of one pool share the capacity, which each repeats", "", "no pool")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand(Row):
    """What a market takes. Demands of one pool share one quantity."""

    table: ClassVar[str] = "demands"
    key: ClassVar[tuple[str, ...]] = ("node", "commodity")

    node: Annotated[Id, Column("Node that buys", "", "", "nodes")]
    commodity: Annotated[Id, Column("What it buys", "", "", "commodities")]
    quantity: Annotated[Amount, Column("Most it takes, shared by its pool if it has one", "t/yr")]
    price: Annotated[Amount, Column("What a delivered kg brings the trafficker", "USD/kg", "0")] = (
        0.0
    )
    weight: Annotated[
        Amount,
        Column("What a delivered tonne counts in the planner's objective", "per t", "1"),
    ] = 1.0
    pool: Annotated[
        Text, Column("Demands of one pool share the quantity, which each repeats", "", "no pool")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Row):
    """Something a planner can buy, whole or not at all."""

    table: ClassVar[str] = "measures"
    key: ClassVar[tuple[str, ...]] = ("measure",)

    measure: Annotated[Id, Column("Id of the measure")]
    name: Annotated[Name, Column("Name for people")]
    kind: Annotated[Text, Column("Family of measures, for totals", "", "none")] = ""
    cost: Annotated[Amount, Column("What it costs a year, while in force", "M USD/yr")]
    setup: Annotated[
        Amount,
        Column(
            "What buying it costs, once; it is in force only after it was bought (with periods)",
            "M USD",
            "0, nothing to buy",
        ),
    ] = 0.0
    lead: Annotated[
        Amount,
        Column(
            "Time from buying it until it can be in force; without a setup, from the beginning of "
            "the first period (with periods)",
            "years",
            "0",
        ),
    ] = 0.0
    lasts: Annotated[
        Amount | None,
        Column(
            "How long a purchase serves, from the end of its lead on (with a setup, with periods)",
            "years",
            "no end",
        ),
    ] = None
    from_: Annotated[
        Text,
        Column("First period in which it may be in force", "", "the first", "periods"),
    ] = ""
    until: Annotated[
        Text, Column("Last period in which it may be in force", "", "the last", "periods")
    ] = ""
    success: Annotated[
        Share,
        Column(
            "Probability that it works; if it fails, nothing of what it does happens, and its cost "
            "is spent all the same",
            "share",
            "1",
        ),
    ] = 1.0

    __setstate__ = _set_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect(Row):
    """What a measure does to one target, or to all that a glob matches."""

    table: ClassVar[str] = "effects"

    measure: Annotated[Id, Column("Measure that does it", "", "", "measures")]
    on: Annotated[EffectOn, Column("What it acts on: arc, node, site, pool, supply or demand")]
    target: Annotated[
        Id,
        Column(
            "Id, or case-sensitive glob over ids (`*`, `?`, `[..]`); a supply or demand is named "
            "by its node"
        ),
    ]
    commodity: Annotated[
        Text,
        Column(
            "One commodity of a supply or demand (an error elsewhere)",
            "",
            "all of them",
            "commodities",
        ),
    ] = ""
    cut: Annotated[Share, Column("Share of capacity taken away", "share", "0")] = 0.0
    loss: Annotated[
        Share, Column("Share of what passes that is seized (arcs and nodes only)", "share", "0")
    ] = 0.0
    cost: Annotated[
        Amount,
        Column(
            "What each kg costs more: per kg entering the arc, supplied, of activity, or delivered",
            "USD/kg",
            "0",
        ),
    ] = 0.0
    uptime: Annotated[
        Share, Column("Share of the year in which the effect holds", "share", "1")
    ] = 1.0
    corruption: Annotated[Share, Column("Share of the effect that is bought off", "share", "0")] = (
        0.0
    )
    success: Annotated[
        Share,
        Column(
            "Probability that this row works, given that its measure does; independent of all else",
            "share",
            "1",
        ),
    ] = 1.0

    __setstate__ = _set_state


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource(Row):
    """Something limited beside money: helicopter hours, inspection teams."""

    table: ClassVar[str] = "resources"
    key: ClassVar[tuple[str, ...]] = ("resource",)

    resource: Annotated[Id, Column("Id of the resource")]
    name: Annotated[Name, Column("Name for people")]
    unit: Annotated[Text, Column("Unit, for people", "", "none")] = ""
    limit: Annotated[
        Amount | None,
        Column(
            "How much there is; a limit given with the budget counts instead",
            "its unit",
            "no limit",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use(Row):
    """What a measure takes of a resource."""

    table: ClassVar[str] = "uses"
    key: ClassVar[tuple[str, ...]] = ("measure", "resource")

    measure: Annotated[Id, Column("Measure that uses it", "", "", "measures")]
    resource: Annotated[Id, Column("Resource it uses", "", "", "resources")]
    amount: Annotated[Amount, Column("How much it takes a year", "the resource's unit")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Row):
    """A condition between two measures."""

    table: ClassVar[str] = "rules"
    key: ClassVar[tuple[str, ...]] = ("measure", "relation", "other")

    measure: Annotated[Id, Column("Measure the rule binds", "", "", "measures")]
    relation: Annotated[
        Relation,
        Column(
            "`requires` (only together with `other`), `excludes` (not both), or `after` (only in "
            "periods later than one in which `other` was in force)"
        ),
    ]
    other: Annotated[Id, Column("The other measure", "", "", "measures")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reform(Row):
    """A measure that lowers the corruption of others while both are chosen."""

    table: ClassVar[str] = "reforms"
    key: ClassVar[tuple[str, ...]] = ("measure", "target")

    measure: Annotated[Id, Column("Measure that reforms", "", "", "measures")]
    target: Annotated[
        Id,
        Column(
            "Measure, or case-sensitive glob over measures, that works better", "", "", "measures"
        ),
    ]
    corruption: Annotated[
        Share, Column("Corruption of the target's effects under the reform, where lower", "share")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning(Row):
    """What an organisation earns on each kg that passes a target: a toll, protection, a sale."""

    table: ClassVar[str] = "earnings"
    key: ClassVar[tuple[str, ...]] = ("organisation", "on", "target", "commodity")

    organisation: Annotated[Id, Column("Name of who earns; its rows together are its receipts")]
    on: Annotated[
        EffectOn,
        Column(
            "Which kg count: arc (those entering it), node (those arriving over arcs, after "
            "every loss on the way, as its capacity counts them), site (those of its activity, "
            "which need not be kg of a product: a recipe may make more or less than one), pool "
            "(what its rows count together: activity of its sites, or deliveries of its demands), "
            "supply (those supplied) or demand (those delivered)"
        ),
    ]
    target: Annotated[
        Id,
        Column(
            "Id, or case-sensitive glob over ids (`*`, `?`, `[..]`), as in `effects`; all that it "
            "matches counts"
        ),
    ]
    commodity: Annotated[
        Text,
        Column(
            "Count only this one, on an arc, node, supply or demand (an error on a site or pool)",
            "",
            "all of them",
            "commodities",
        ),
    ] = ""
    rate: Annotated[
        Amount,
        Column("What each kg brings it; receipts that change nothing: no costs, no flow", "USD/kg"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Row):
    """A world that may hold: the network with other numbers, which `changes` lists."""

    table: ClassVar[str] = "scenarios"
    key: ClassVar[tuple[str, ...]] = ("scenario",)

    scenario: Annotated[Id, Column("Id of the scenario")]
    name: Annotated[Name, Column("Name for people")]
    weight: Annotated[
        Amount,
        Column(
            "How much it counts in a mean, relative to the other scenarios; one is above 0",
            "relative",
            "1",
        ),
    ] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Row):
    """What a scenario says differently: of one number, or of all that a glob matches."""

    table: ClassVar[str] = "changes"

    scenario: Annotated[Id, Column("Scenario that says so", "", "", "scenarios")]
    on: Annotated[
        ChangeOn,
        Column(
            "Whose number: arc, node, site, pool, supply, demand, recipe, effect, measure or "
            "reform (of a measure itself, only its success)",
            others=SAME_PLANS,
        ),
    ]
    target: Annotated[
        Id,
        Column(
            "Id, or case-sensitive glob over ids (`*`, `?`, `[..]`), as in `effects`; a supply or "
            "demand is named by its node, an effect or reform by its measure (all its rows)"
        ),
    ]
    commodity: Annotated[
        Text,
        Column(
            "One commodity of a supply, demand or recipe (an error elsewhere)",
            "",
            "all of them",
            "commodities",
        ),
    ] = ""
    column: Annotated[
        Name,
        Column(
            "The column that differs: "
            + "; ".join(f"of {on} {', '.join(names)}" for on, names in CHANGEABLE.items() if names)
            + " (a pool of demands has their quantity as its capacity)"
        ),
    ]
    factor: Annotated[
        Amount | None,
        Column(
            "Multiplies what the files say; several factors on one number multiply. Give either it "
            "or a value",
            "times",
            "none",
        ),
    ] = None
    value: Annotated[
        Number | None,
        Column("Replaces what the files say, alone on its number", "the column's unit", "none"),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Range(Row):
    """How far a number may be off, or all that a glob matches. Others have their grade's range."""

    table: ClassVar[str] = "ranges"

    on: Annotated[ChangeOn, Column("Whose number, as in `changes`", others=SAME_PLANS)]
    target: Annotated[Id, Column("Id, or glob over ids, as in `changes`")]
    commodity: Annotated[
        Text,
        Column(
            "One commodity of a supply, demand or recipe (an error elsewhere)",
            "",
            "all of them",
            "commodities",
        ),
    ] = ""
    column: Annotated[Name, Column("The column that may be off, one of those in `changes`")]
    low: Annotated[
        Amount | None,
        Column(
            "Least factor on what the files say: above 0, at most `high`",
            "times",
            "that of the grade",
        ),
    ] = None
    high: Annotated[
        Amount | None,
        Column("Largest factor on what the files say", "times", "that of the grade"),
    ] = None
    group: Annotated[
        Text,
        Column(
            "Numbers of one group move together",
            "",
            "that of its `on`, `column`, and mode, commodity or kind",
        ),
    ] = ""
    shape: Annotated[
        Shape,
        Column(
            "even (uniform in the logarithm) or peak (triangular in the logarithm, its peak at 1, "
            "so that low <= 1 <= high)",
            "",
            "even",
        ),
    ] = "even"


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Row):
    """A stretch of time within which nothing changes; the order of the rows is time."""

    table: ClassVar[str] = "periods"
    key: ClassVar[tuple[str, ...]] = ("period",)

    period: Annotated[Id, Column("Id of the period, as 2015")]
    name: Annotated[Text, Column("Name for people", "", "its id")] = ""
    years: Annotated[Amount, Column("How long it lasts, more than 0", "years", "1")] = 1.0
    weight: Annotated[
        Amount,
        Column(
            "What a delivered tonne counts in it, beside the weight of its market; never touches "
            "money",
            "per t",
            "1",
        ),
    ] = 1.0
    budget: Annotated[
        Amount | None,
        Column(
            "Money there is in it; a budget given on the command line counts instead",
            "M USD/yr",
            "that of the command line",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Row):
    """Capacity that the trafficker may add to a thing, period by period, if it pays."""

    table: ClassVar[str] = "openings"
    key: ClassVar[tuple[str, ...]] = ("on", "target", "commodity")

    on: Annotated[
        EffectOn, Column("What grows, as in `effects`: arc, node, site, pool, supply or demand")
    ]
    target: Annotated[
        Id,
        Column("Id, or glob over ids, as in `effects`; each thing that it matches may grow so"),
    ]
    commodity: Annotated[
        Text,
        Column(
            "One commodity of a supply or demand (an error elsewhere)",
            "",
            "all of them",
            "commodities",
        ),
    ] = ""
    most: Annotated[
        Amount | None,
        Column("Most capacity that can be added in a year", "t/yr per yr", "no limit a year"),
    ] = None
    limit: Annotated[
        Amount | None,
        Column("Most capacity that can be added in all", "t/yr", "no limit in all"),
    ] = None
    cost: Annotated[
        Amount, Column("What each unit of capacity costs, once", "USD per kg/yr", "0")
    ] = 0.0
    lead: Annotated[Amount, Column("Time from paying for it until it counts", "years", "0")] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend(Row):
    """What a number is multiplied by from a period on, until a later row says otherwise."""

    table: ClassVar[str] = "trends"
    key: ClassVar[tuple[str, ...]] = ("from", "on", "target", "commodity")

    from_: Annotated[Id, Column("First period of the factors", "", "", "periods")]
    on: Annotated[
        EffectOn,
        Column("Whose number, as in `effects`: arc, node, site, pool, supply or demand"),
    ]
    target: Annotated[
        Id,
        Column("Id, or glob over ids, as in `effects`; factors of different targets multiply"),
    ]
    commodity: Annotated[
        Text,
        Column(
            "One commodity of a supply or demand (an error elsewhere)",
            "",
            "all of them",
            "commodities",
        ),
    ] = ""
    capacity: Annotated[
        Amount | None,
        Column("Factor on the capacity, of a demand on its quantity", "times", "the factor before"),
    ] = None
    cost: Annotated[
        Amount | None,
        Column(
            "Factor on the cost of an arc, site, supply or pool of sites (of each of its rows)",
            "times",
            "the factor before",
        ),
    ] = None
    price: Annotated[
        Amount | None,
        Column(
            "Factor on the price of a demand or pool of demands (of each of its rows)",
            "times",
            "the factor before",
        ),
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign(Row):
    """A measure in force through some periods, as part of a named schedule to evaluate."""

    table: ClassVar[str] = "campaigns"
    key: ClassVar[tuple[str, ...]] = ("campaign", "measure", "from")

    campaign: Annotated[Id, Column("Name of the campaign; its rows together are the campaign")]
    measure: Annotated[Id, Column("Measure in force", "", "", "measures")]
    from_: Annotated[Text, Column("First period of it", "", "the first", "periods")] = ""
    until: Annotated[Text, Column("Last period of it", "", "the last", "periods")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Row):
    """A document the numbers come from."""

    table: ClassVar[str] = "sources"
    key: ClassVar[tuple[str, ...]] = ("source",)

    source: Annotated[Id, Column("Id of the source")]  # type: ignore[assignment]  # a key here
    title: Annotated[Name, Column("What it is")]
    address: Annotated[
        Text, Column("Where to find it; several with a `;` and a blank between them", "", "none")
    ] = ""
    how: Annotated[Text, Column("How it was read", "", "none")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Info:
    """The keys of `network.toml`."""

    id: Annotated[Id, Column("Id of the network")]
    title: Annotated[Name, Column("Title for people")]
    period: Annotated[Text, Column("The years it describes", "", "none")] = ""
    description: Annotated[Text, Column("What it is, for people", "", "none")] = ""
    license: Annotated[Text, Column("Licence of the data", "", "none")] = ""
    mass_unit: Annotated[Text, Column("Label of mass in tables", "", "t")] = "t"
    currency: Annotated[Text, Column("Label of money in tables", "", "USD")] = "USD"
    scenario: Annotated[
        Text,
        Column(
            "Which scenario of another network this one is, as `--scenario` makes it", "", "none"
        ),
    ] = ""
    discount: Annotated[
        Share,
        Column(
            "By how much the trafficker counts money of a year later less (with periods)",
            "share",
            "0",
        ),
    ] = 0.0

    __setstate__ = _set_state

    def __post_init__(self) -> None:
        _set_values(self, "network")

    def of_itself(self) -> Self:
        """Return the keys of a network with other rows, which is nobody's scenario any more."""
        return replace(self, scenario="") if self.scenario else self

    @property
    def label(self) -> str:
        """The id, and the scenario of it."""
        return f"{self.id}, scenario {self.scenario}" if self.scenario else self.id

    @property
    def heading(self) -> str:
        """The title, and the scenario of it."""
        return f"{self.title}, scenario {self.scenario}" if self.scenario else self.title


ROWS: tuple[type[Row], ...] = (
    Commodity, Node, Arc, Supply, RecipeLine, Site, Demand, Measure, Effect,
    Resource, Use, Rule, Reform, Earning, Scenario, Change, Range, Period, Opening, Trend,
    Campaign, Source,
)  # fmt: skip
TABLES: dict[str, type[Row]] = {row.table: row for row in ROWS}
MANDATORY = ("commodities", "nodes", "arcs", "supplies", "demands")


_COLUMNS: dict[type[Any], dict[str, Column]] = {}
_CELL_TYPES: dict[type[Any], dict[str, CellType]] = {}


def columns(row: type[Any]) -> dict[str, Column]:
    """Return the columns of a row model in the order of the format: its own, then the shared ones.

    >>> list(columns(Supply))
    ['node', 'commodity', 'capacity', 'cost', 'source', 'grade', 'note']
    >>> list(columns(Source))
    ['source', 'title', 'address', 'how', 'grade', 'note']
    """
    if row not in _COLUMNS:
        hints = get_type_hints(row, include_extras=True)
        names = [f.name for f in fields(row)]
        extra = fields(Row) if issubclass(row, Row) else ()
        shared = [f.name for f in extra if f.name not in row.key]
        _COLUMNS[row] = {
            column_of(name): next(m for m in hints[name].__metadata__ if isinstance(m, Column))
            for name in [*(n for n in names if n not in shared), *shared]
        }
    return _COLUMNS[row]


def cell_types(row: type[Any]) -> dict[str, CellType]:
    """Return the type of the cells of each field of a row model.

    >>> cell_types(Arc)["commodities"]
    CellType(kind='list', least=None, most=None, options=(), filled=True, optional=False)
    """
    if row not in _CELL_TYPES:
        hints = get_type_hints(row, include_extras=True)
        _CELL_TYPES[row] = {each.name: _cell_type(hints[each.name]) for each in fields(row)}
    return _CELL_TYPES[row]


def _cell_type(hint: Any) -> CellType:
    """Return the type of cells that a column's annotation describes."""
    inner = hint.__origin__
    parts = [part for part in get_args(inner) if part is not NoneType]
    optional = len(parts) < len(get_args(inner))
    inner, about = (parts[0], ()) if optional else (inner, hint.__metadata__)
    if get_origin(inner) is Literal:
        return CellType("text", options=get_args(inner), optional=optional)
    about = getattr(inner, "__metadata__", about)
    kind = next(each for each in about if isinstance(each, CellType))
    return replace(kind, optional=optional)


def column_of(field: str) -> str:
    """Return the name of a field's column, which may be a keyword of Python.

    >>> column_of("from_"), column_of("until")
    ('from', 'until')
    """
    return field.removesuffix("_")


def field_of(column: str) -> str:
    """Return the name of a column's field: no field's name is a keyword of Python.

    >>> field_of("from"), field_of("until")
    ('from_', 'until')
    """
    return f"{column}_" if iskeyword(column) else column


def defaults(row: type[Any]) -> dict[str, Any]:
    """Return what a blank cell is by column, in the order of the fields; MISSING is an error.

    >>> list(defaults(Campaign).items())[-2:]
    [('from', ''), ('until', '')]
    """
    return {column_of(each.name): each.default for each in fields(row)}
