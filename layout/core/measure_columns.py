"""Columns of what measures return, once: name, labels, meaning with unit.

Columns of the firm table stand in :mod:`layout.core.columns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class MeasureColumn:
    """One column of a measure's result.

    Attributes
    ----------
    name
        Name in frames and exports.
    zh, en
        Labels for people.
    meaning
        What a value says, with unit and range.
    """

    name: str
    zh: str
    en: str
    meaning: str


# specialisation
KRUGMAN: Final = "krugman_index"
SPECIALIZATION: Final = "specialization_coefficient"
HERFINDAHL: Final = "herfindahl"
HACHMAN: Final = "hachman_index"
ENTROPY: Final = "entropy_bits"
TOTAL: Final = "total"
UNRELATED: Final = "unrelated"
RELATED: Final = "related"
SIZE_STAR: Final = "size_star"
QUOTIENT_STAR: Final = "quotient_star"
FOCUS_STAR: Final = "focus_star"
STARS: Final = "stars"

# inference on quotients
COUNT: Final = "count"
REGION_TOTAL: Final = "region_total"
SECTOR_TOTAL: Final = "sector_total"
LQ: Final = "location_quotient"
LOG_SE: Final = "log_se"
LOW: Final = "low"
HIGH: Final = "high"
P_OVER: Final = "p_over"
P_UNDER: Final = "p_under"
P_OVER_BINOMIAL: Final = "p_over_binomial"
P_UNDER_BINOMIAL: Final = "p_under_binomial"
SHRUNK_RATE: Final = "shrunk_rate"
SHRUNK: Final = "shrunk"
PRIOR_VARIANCE: Final = "prior_variance"
RATE_Z: Final = "rate_z"


# concentration
GINI: Final = "hoover_gini"
HOOVER: Final = "hoover_index"
LOCATIONAL_GINI: Final = "locational_gini"
GAMMA: Final = "gamma"
RAW: Final = "raw"
VARIANCE: Final = "variance"
Z: Final = "z"
FIRMS: Final = "firms"
TOP_SHARE: Final = "top_share"
MISSING: Final = "missing"

# complexity
ECI: Final = "eci"
PCI: Final = "pci"
DIVERSITY: Final = "diversity"
UBIQUITY: Final = "ubiquity"
COI: Final = "coi"
COG: Final = "cog"

# shift-share
GROWTH: Final = "growth"
NATIONAL: Final = "national_share"
MIX: Final = "industrial_mix"
REGIONAL: Final = "regional_share"
ALLOCATION: Final = "allocation_effect"
NET_SHIFT: Final = "net_total_shift"

# hot spots
STATISTIC: Final = "statistic"
P_SIM: Final = "p_sim"
Q: Final = "q"
QUADRANT: Final = "quadrant"

# clusters of a sector
ALL_FIRMS: Final = "all_firms"
PLACES: Final = "places"
STRENGTH: Final = "strength"

# point patterns
RADIUS: Final = "radius_m"
KD: Final = "kd"
M: Final = "m"
K: Final = "k"
L: Final = "l"
OBSERVED: Final = "observed"
MEAN: Final = "mean"
LOW_LOCAL: Final = "low_local"
HIGH_LOCAL: Final = "high_local"
LOW_GLOBAL: Final = "low_global"
HIGH_GLOBAL: Final = "high_global"
CLUSTERED: Final = "clustered"
DISPERSED: Final = "dispersed"
SOURCE: Final = "source"
TARGET: Final = "target"
QUOTIENT: Final = "colocation_quotient"
CASES: Final = "cases"


def q_of(p_column: str, method: str) -> str:
    """Column of p-values adjusted by ``method``: ``p_over`` gives ``q_over_bh``."""
    return f"q_{p_column.removeprefix('p_')}_{method}"


_COLUMNS: tuple[MeasureColumn, ...] = (
    MeasureColumn(KRUGMAN, "克鲁格曼专业化指数", "Krugman index", "0 (as the city) to 2"),
    MeasureColumn(SPECIALIZATION, "专业化系数", "Coefficient of specialisation", "0 to 1"),
    MeasureColumn(HERFINDAHL, "赫芬达尔指数", "Herfindahl index", "1/sectors (even) to 1"),
    MeasureColumn(HACHMAN, "哈克曼指数", "Hachman index", "0 (specialised) to 1 (as the city)"),
    MeasureColumn(ENTROPY, "熵", "Entropy", "bits; 0 (one sector) upwards"),
    MeasureColumn(TOTAL, "合计", "Total", "sum of the parts"),
    MeasureColumn(UNRELATED, "无关多样性", "Unrelated variety", "bits, between groups"),
    MeasureColumn(RELATED, "相关多样性", "Related variety", "bits, within groups"),
    MeasureColumn(SIZE_STAR, "规模星", "Size star", "among the largest in the sector"),
    MeasureColumn(QUOTIENT_STAR, "专业化星", "Specialisation star", "quotient at the threshold"),
    MeasureColumn(FOCUS_STAR, "聚焦星", "Focus star", "among the highest shares of the own total"),
    MeasureColumn(STARS, "星级", "Stars", "0 to 3"),
    MeasureColumn(COUNT, "企业数", "Firms", "firms of the sector in the region"),
    MeasureColumn(REGION_TOTAL, "区域企业数", "Firms of the region", "firms of all sectors"),
    MeasureColumn(SECTOR_TOTAL, "领域企业数", "Firms of the sector", "firms of all regions"),
    MeasureColumn(LQ, "区位商", "Location quotient", "1: as in the city"),
    MeasureColumn(LOG_SE, "对数区位商标准误", "Standard error of log LQ", "natural logarithm"),
    MeasureColumn(LOW, "下限", "Lower bound", "of the interval of the quotient"),
    MeasureColumn(HIGH, "上限", "Upper bound", "of the interval of the quotient"),
    MeasureColumn(P_OVER, "集聚 p 值（超几何）", "p, over-represented", "exact, one-sided"),
    MeasureColumn(P_UNDER, "稀缺 p 值（超几何）", "p, under-represented", "exact, one-sided"),
    MeasureColumn(P_OVER_BINOMIAL, "集聚 p 值（二项）", "p, over (binomial)", "exact, one-sided"),
    MeasureColumn(P_UNDER_BINOMIAL, "稀缺 p 值（二项）", "p, under (binomial)", "exact, one-sided"),
    MeasureColumn("q_over_bh", "集聚 q 值（BH）", "q, over (BH)", "adjusted over the table"),
    MeasureColumn("q_over_by", "集聚 q 值（BY）", "q, over (BY)", "adjusted over the table"),
    MeasureColumn("q_under_bh", "稀缺 q 值（BH）", "q, under (BH)", "adjusted over the table"),
    MeasureColumn("q_under_by", "稀缺 q 值（BY）", "q, under (BY)", "adjusted over the table"),
    MeasureColumn(SHRUNK_RATE, "收缩后比重", "Shrunken share", "empirical Bayes"),
    MeasureColumn(
        SHRUNK, "收缩后区位商", "Shrunken quotient", "empirical Bayes; 1: as in the city"
    ),
    MeasureColumn(PRIOR_VARIANCE, "区域间方差", "Variance between regions", "of shares; 0 or more"),
    MeasureColumn(RATE_Z, "标准化比重", "Standardised share", "Assunção–Reis z"),
    MeasureColumn(GINI, "胡佛-基尼系数", "Hoover–Gini", "0 (as the reference) towards 1"),
    MeasureColumn(HOOVER, "胡佛指数", "Hoover index", "0 (as the reference) towards 1"),
    MeasureColumn(LOCATIONAL_GINI, "区位基尼系数", "Locational Gini", "0 to 0.5"),
    MeasureColumn(GAMMA, "集聚指数", "Agglomeration index", "0: as a dartboard"),
    MeasureColumn(RAW, "原始集中度", "Raw concentration", "G, before firm sizes are taken out"),
    MeasureColumn(VARIANCE, "方差", "Variance", "of raw concentration under a dartboard"),
    MeasureColumn(Z, "z 值", "z", "standard deviations from what chance expects"),
    MeasureColumn(FIRMS, "企业数", "Firms", "firms that entered the value"),
    MeasureColumn(TOP_SHARE, "最大企业比重", "Share of the largest firm", "0 to 1"),
    MeasureColumn(MISSING, "缺失数", "Missing", "firms left out as their size is unknown"),
    MeasureColumn(ECI, "经济复杂度指数", "Economic complexity", "mean 0, deviation 1"),
    MeasureColumn(PCI, "领域复杂度指数", "Sector complexity", "in the units of the regions'"),
    MeasureColumn(DIVERSITY, "多样性", "Diversity", "sectors the region is specialised in"),
    MeasureColumn(UBIQUITY, "普遍性", "Ubiquity", "regions specialised in the sector"),
    MeasureColumn(COI, "机会指数", "Outlook index", "mean 0, deviation 1"),
    MeasureColumn(COG, "机会增益", "Outlook gain", "0 where already specialised"),
    MeasureColumn(GROWTH, "增长量", "Growth", "end minus start, unit of the table"),
    MeasureColumn(NATIONAL, "全域份额", "National share", "growth at the reference's overall rate"),
    MeasureColumn(MIX, "结构效应", "Industrial mix", "of growing faster or slower sectors"),
    MeasureColumn(REGIONAL, "竞争力效应", "Regional share", "of growing faster than the sector"),
    MeasureColumn(ALLOCATION, "配置效应", "Allocation effect", "of being specialised where strong"),
    MeasureColumn(NET_SHIFT, "净总变动", "Net total shift", "growth minus national share"),
    MeasureColumn(STATISTIC, "统计量", "Statistic", "of the unit"),
    MeasureColumn(P_SIM, "置换检验 p 值", "p (permutations)", "two-sided"),
    MeasureColumn(Q, "q 值", "q", "p adjusted for the false discovery rate"),
    MeasureColumn(QUADRANT, "象限", "Quadrant", "1 高-高 HH, 2 低-高 LH, 3 低-低 LL, 4 高-低 HL"),
    MeasureColumn(ALL_FIRMS, "范围内企业数", "Firms of all sectors", "on the cluster's ground"),
    MeasureColumn(PLACES, "地点数", "Places", "distinct coordinates with firms of the sector"),
    MeasureColumn(
        STRENGTH, "集聚强度", "Strength", "log-likelihood ratio; 0: no higher share inside"
    ),
    MeasureColumn(RADIUS, "半径（米）", "Radius (m)", "distance from a firm, metres"),
    MeasureColumn(KD, "距离密度", "Kd", "density of distances between firms, 1/m"),
    MeasureColumn(M, "M 函数", "M", "1: neighbours as in the city"),
    MeasureColumn(K, "K 函数", "K", "m²; πr² for points without interaction"),
    MeasureColumn(L, "L 函数", "L", "m; r for points without interaction"),
    MeasureColumn(OBSERVED, "观测值", "Observed", "curve of the data"),
    MeasureColumn(MEAN, "模拟均值", "Mean of simulations", "what the null expects"),
    MeasureColumn(LOW_LOCAL, "逐点下界", "Lower bound, pointwise", "each radius by itself"),
    MeasureColumn(HIGH_LOCAL, "逐点上界", "Upper bound, pointwise", "each radius by itself"),
    MeasureColumn(LOW_GLOBAL, "全局下界", "Lower bound, global", "of the curve as a whole"),
    MeasureColumn(HIGH_GLOBAL, "全局上界", "Upper bound, global", "of the curve as a whole"),
    MeasureColumn(CLUSTERED, "集聚", "Clustered", "above the global band"),
    MeasureColumn(DISPERSED, "分散", "Dispersed", "below the global band"),
    MeasureColumn(SOURCE, "起点领域", "From sector", "whose neighbours are looked at"),
    MeasureColumn(TARGET, "邻近领域", "To sector", "what the neighbours are"),
    MeasureColumn(QUOTIENT, "同位商", "Colocation quotient", "1: nearest neighbours by chance"),
    MeasureColumn(CASES, "样本数", "Firms", "firms whose neighbours were looked at"),
)

COLUMNS = MappingProxyType({column.name: column for column in _COLUMNS})
