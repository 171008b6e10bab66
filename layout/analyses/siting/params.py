"""Settings of the siting analysis."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from layout.analyses.platforms import Kind
from layout.analyses.siting.presets import PRESETS, Candidates, Model, Preset, PresetName
from layout.core.config import Params
from layout.core.errors import ParameterError
from layout.measures.data_centre import Cooling

WeightSource = Literal["planner", "ahp", "entropy", "critic"]


class SitingParams(Params):
    """What is placed, by which rules and weights, and how the set is chosen."""

    preset: PresetName = Field(
        "data-centre", title="选址对象 | Use", description="what is placed; sets the defaults below"
    )
    districts: tuple[str, ...] = Field(
        (), title="区 | Districts", description="ids of the districts judged; empty: all"
    )
    cell_m: float = Field(
        20.0, ge=10, le=200, title="网格边长（米） | Cell width, m",
        description="10 to 50 m for a decision, more for a quick look",
    )  # fmt: skip
    sets: tuple[Literal["GB50174", "PLANNING", "TIA-942"], ...] = Field(
        (), title="规则集 | Rule sets", description="empty: as the use asks"
    )
    grade: Literal["A", "B"] = Field("A", title="机房等级 | Grade", description="of GB 50174-2017")
    nuclear: Literal["flag", "penalty", "exclude", "off"] = Field(
        "flag", title="核电站条款 | Nuclear clause",
        description="flag: shown without effect; read literally it removes the east of the city",
    )  # fmt: skip
    rules_exclude: tuple[str, ...] = Field(
        (), title="改为排除的规则 | Rules made to exclude", description="ids of siting_rules.csv"
    )
    rules_penalty: tuple[str, ...] = Field(
        (), title="改为扣分的规则 | Rules made penalties", description="ids of siting_rules.csv"
    )
    rules_off: tuple[str, ...] = Field(
        (), title="停用的规则 | Rules switched off", description="ids of siting_rules.csv"
    )
    penalty: float = Field(
        0.05, ge=0, le=0.5, title="每条扣分 | Penalty of a rule",
        description="taken from the suitability (0 to 1) for each recommendation that is not met",
    )  # fmt: skip
    combine: Literal["wlc", "owa"] = Field(
        "wlc", title="合成方法 | Combination",
        description="weighted sum, or ordered weighted average",
    )  # fmt: skip
    orness: float = Field(
        0.5, ge=0.05, le=0.95, title="乐观程度 | Orness",
        description="of the ordered average: near 0 all must be good, near 1 one is enough",
    )  # fmt: skip
    weights_from: WeightSource = Field(
        "planner", title="权重来源 | Weights from", description="planner, ahp, entropy or critic"
    )
    weights: tuple[str, ...] = Field(
        (), title="权重 | Weights", description="criterion=weight; others as the use has them"
    )
    judgments: tuple[str, ...] = Field(
        (),
        title="两两比较 | Judgments",
        description="for ahp: scale/green=3 for groups, power/expansion=2 within one",
    )
    draws: int = Field(200, ge=1, le=2_000, title="抽样次数 | Draws", description="of weights")
    concentration: float = Field(
        50.0, gt=0, le=10_000, title="权重集中度 | Concentration",
        description="how near drawn weights keep to the given: 50 shakes 0.2 by ±0.06, 5 by ±0.16",
    )  # fmt: skip
    best_share: float = Field(
        0.05, gt=0, le=0.5, title="最优比例 | Best share", description="of allowed ground"
    )
    seed: int = Field(1, ge=0, title="随机种子 | Seed", description="of the drawn weights")
    kept_share: float = Field(
        0.25, gt=0, le=1, title="适宜用地比例 | Share kept",
        description="sites are sought on the best share of the allowed ground",
    )  # fmt: skip
    candidates: Candidates | None = Field(
        None, title="候选来源 | Candidates", description="ground, parcels or parks; as the use asks"
    )
    park_type: str = Field(
        "", title="园区类型 | Park type",
        description="产业园, 小镇, 小微园区 …, where candidates are parks; empty: all",
    )  # fmt: skip
    platform_type: Kind = Field(
        "all", title="平台类型 | Type of platform",
        description="of the platforms that serve already, for the use service-platform",
    )  # fmt: skip
    site_ha: float | None = Field(
        None, gt=0, le=500, title="用地规模（公顷） | Site, ha", description="as the use asks"
    )
    min_area_ha: float | None = Field(
        None, gt=0, le=5_000, title="连片最小面积（公顷） | Least contiguous area, ha",
        description="as the use asks",
    )  # fmt: skip
    min_compactness: float = Field(
        0.02, ge=0, le=1, title="最小紧凑度 | Least compactness", description="1 is a square"
    )
    spacing_m: float = Field(
        1_500.0, ge=0, le=50_000, title="最小间距（米） | Spacing, m", description="between sites"
    )
    shortlist: int = Field(
        20, ge=1, le=200, title="备选数 | Shortlist", description="sites kept for the choice"
    )
    sectors: tuple[str, ...] = Field(
        (), title="服务的产业 | Sectors served", description="linked demand; as the use asks"
    )
    model: Model | None = Field(None, title="布局模型 | Model", description="as the use asks")
    count: int | None = Field(
        None, ge=1, le=50, title="选取数 | Sites chosen", description="as the use asks"
    )
    radius_km: float | None = Field(
        None, gt=0, le=200, title="服务半径（公里） | Reach, km",
        description="along the route, for covering models",
    )  # fmt: skip
    keep_existing: bool = Field(
        False, title="计入现有设施 | Count existing",
        description="facilities that serve already stay, and the new ones complement them",
    )  # fmt: skip
    need_per_firm: float | None = Field(
        None, gt=0, le=1e6, title="每家企业需求（机架或公顷） | Need of a firm, racks or ha",
        description="for capacitated_p_median: standard racks where power is told, else hectares; "
        "empty: so much that the sites asked for are used to the load share",
    )  # fmt: skip
    time_limit_s: float = Field(
        20.0, gt=0, le=600, title="求解时限（秒） | Time limit, s",
        description="the best found and its gap are told when it ends",
    )  # fmt: skip
    route_factor: float = Field(
        1.4, ge=1, le=3, title="路由系数 | Route factor", description="cable over straight line"
    )
    it_mw_per_ha: float = Field(
        6.0, gt=0, le=100, title="每公顷 IT 功率（兆瓦） | IT MW a hectare",
        description="estimate: 1.2 m² floor a m² of land, half of it halls, 1 kW a m²",
    )  # fmt: skip
    kw_per_m2: float = Field(
        0.7, gt=0, le=10, title="每平方米 IT 功率（千瓦） | IT kW a m² of floor",
        description="for existing buildings; 7.04 MW on 10,000 m² in a disclosed centre",
    )  # fmt: skip
    load_share: float = Field(
        0.65, gt=0, le=1, title="负载率 | Load share", description="mean IT load over installed"
    )
    ai_share: float | None = Field(
        None, ge=0, le=1, title="智能算力占比 | AI share",
        description="planned share of AI computing; unknown where not given",
    )  # fmt: skip
    green_power: float | None = Field(
        None, ge=0, le=1, title="绿电占比 | Renewable power",
        description="share of renewable power; unknown where not given",
    )  # fmt: skip
    cooling: Cooling = Field(
        "evaporative", title="冷却方式 | Cooling",
        description="air, water, evaporative, cold_plate or immersion; gives the estimated PUE",
    )  # fmt: skip
    pue: float | None = Field(
        None, ge=1, le=4, title="PUE | PUE", description="design value; estimated where not given"
    )

    @property
    def use(self) -> Preset:
        """The preset."""
        return PRESETS[self.preset]

    def asked(self, name: str) -> object:
        """A setting, as the use has it where the planner gives none."""
        own = getattr(self, name)
        return getattr(self.use, name) if own in (None, ()) else own

    def require_room(self) -> None:
        """Refuse to choose more sites than the shortlist holds.

        Raises
        ------
        ParameterError
            The number of sites is larger than the shortlist.
        """
        count = int(str(self.asked("count")))
        if count > self.shortlist:
            raise ParameterError("error.siting_count", count=count, shortlist=self.shortlist)

    def criterion_weights(self) -> dict[str, float]:
        """Weight by criterion: the use's, changed by the planner's.

        Raises
        ------
        ParameterError
            A weight is not readable, names no criterion, or is negative or not finite.
        """
        from layout.analyses.siting.criteria import CRITERIA

        weights = dict(self.use.weights)
        for pair in self.weights:
            name, sign, number = pair.partition("=")
            try:
                weights[name.strip()] = float(number)
            except ValueError:
                sign = ""
            if not sign or name.strip() not in CRITERIA:
                raise ParameterError("error.siting_weight", found=pair, known=", ".join(CRITERIA))
            if not 0 <= weights[name.strip()] < float("inf"):
                raise ParameterError("error.siting_weight_number", found=pair)
        return weights
