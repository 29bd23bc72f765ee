"""What planners can do against a generated supply chain: measures of every kind, a few rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from flowopt.network import schema
from tests.benchmarks.chain import Chain

MEAN_COST = 2.6  # M USD/yr, of a measure


@dataclass
class Against:
    """The tables of the measures while they grow."""

    chain: Chain
    measures: list[schema.Measure] = field(default_factory=list)
    effects: list[schema.Effect] = field(default_factory=list)
    rules: list[schema.Rule] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = self.chain.dice
        self.inland = [
            arc for arc in self.chain.arcs if arc.tail[0] in "SHL" and arc.head[0] in "HLX"
        ]

    def draw(self, count: int) -> None:
        """Draw so many measures with their effects, then a few rules between them."""
        kinds = (
            (self._eradication, 0.14),
            (self._raid, 0.16),
            (self._closure, 0.22),
            (self._patrol, 0.18),
            (self._inspection, 0.12),
            (self._control, 0.10),
            (self._checkpoint, 0.12),
        )
        marks = [sum(share for _, share in kinds[: i + 1]) for i in range(len(kinds))]
        for number in range(count):
            mark = self.dice.between(0, marks[-1], 6)
            make = next(
                (k for (k, _), m in zip(kinds, marks, strict=True) if mark < m), kinds[0][0]
            )
            name = f"m{number + 1}"
            kind = make(name)
            self.measures.append(
                schema.Measure(
                    measure=name,
                    name=f"{kind.capitalize()} {number + 1}",
                    kind=kind,
                    cost=self.dice.between(0.2, 2.0 * MEAN_COST - 0.2, 1),
                )
            )
        self._rules(count)

    def _effect(
        self,
        measure: str,
        on: schema.EffectOn,
        target: str,
        *,
        exact: bool = False,
        **amounts: float,
    ) -> None:
        """Add an effect; one that is not exact holds for a part of the year and is bought off."""
        dice = self.dice
        hold = {} if exact else {"uptime": dice.pick((1.0, 0.9, 0.75, 0.6))}
        if not exact and dice.chance(0.4):
            hold["corruption"] = dice.between(0.05, 0.4)
        self.effects.append(
            schema.Effect(measure=measure, on=on, target=target, **hold, **amounts)  # type: ignore[arg-type]  # numbers only
        )

    def _eradication(self, measure: str) -> str:
        area = self.dice.pick(self.chain.layer["A"])
        self._effect(measure, "supply", area, cut=self.dice.between(0.3, 0.9))
        return "eradication"

    def _raid(self, measure: str) -> str:
        if self.dice.chance(0.6):
            target = f"pool_{self.dice.pick(self.chain.layer['S'])}"
            self._effect(measure, "pool", target, cut=self.dice.between(0.4, 0.95))
        else:
            target = f"{self.dice.pick(self.chain.layer['L'])}_hcl"
            self._effect(measure, "site", target, cut=self.dice.between(0.4, 0.95))
        return "raid"

    def _closure(self, measure: str) -> str:
        for arc in dict.fromkeys(self.dice.pick(self.inland).arc for _ in range(2)):
            self._effect(measure, "arc", arc, exact=True, cut=1.0)
        return "closure"

    def _patrol(self, measure: str) -> str:
        arc = self.dice.pick(self.inland).arc
        self._effect(measure, "arc", arc, loss=self.dice.between(0.15, 0.6))
        return "patrol"

    def _inspection(self, measure: str) -> str:
        exit_ = self.dice.pick(self.chain.layer["X"])
        rise = self.dice.between(100, 900, 0) if self.dice.chance(0.4) else 0.0
        self._effect(measure, "node", exit_, loss=self.dice.between(0.08, 0.35), cost=rise)
        return "inspection"

    def _control(self, measure: str) -> str:
        origin = self.dice.pick(self.chain.layer["O"])
        cut = self.dice.between(0.2, 0.6) if self.dice.chance(0.5) else 0.0
        self._effect(measure, "supply", origin, cut=cut, cost=self.dice.between(3, 40, 0))
        return "control"

    def _checkpoint(self, measure: str) -> str:
        arc = self.dice.pick(self.inland).arc
        self._effect(
            measure,
            "arc",
            arc,
            cut=self.dice.between(0.3, 0.85),
            cost=self.dice.between(20, 400, 0),
        )
        return "checkpoint"

    def _rules(self, count: int) -> None:
        """One measure in forty requires an earlier one, one in forty excludes one."""
        for number in range(count // 20):
            later = 1 + self.dice.upto(count - 1)
            earlier = self.dice.upto(later)
            self.rules.append(
                schema.Rule(
                    measure=f"m{later + 1}",
                    relation="requires" if number % 2 else "excludes",
                    other=f"m{earlier + 1}",
                )
            )
        seen: dict[tuple[str, str], schema.Rule] = {}
        for rule in self.rules:
            seen.setdefault((rule.measure, rule.other), rule)
        self.rules = list(seen.values())

    def activities(self) -> int:
        """Count what the measures add to the trafficker's: two lanes for each loss and good."""
        carried = {arc.arc: len(arc.commodities) for arc in self.chain.arcs}
        arriving = self.chain.arriving()
        lanes = 0
        for effect in self.effects:
            if effect.loss:
                on_arc = effect.on == "arc"
                lanes += 2 * (carried[effect.target] if on_arc else len(arriving[effect.target]))
        return lanes
