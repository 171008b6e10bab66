"""The analyses by name: a line here puts one in the command line, the app and the exports."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from layout.core.config import Params
from layout.core.errors import ParameterError
from layout.core.result import Bilingual, Result
from layout.core.study import Study


@dataclass(frozen=True)
class Analysis:
    """One planner's question.

    Attributes
    ----------
    name
        Name of the analysis and of its module in ``layout.analyses``.
    title
        The question in both languages.
    """

    name: str
    title: Bilingual

    @property
    def params(self) -> type[Params]:
        """The settings of the analysis."""
        model: type[Params] = importlib.import_module(f"layout.analyses.{self.name}").MODEL
        return model

    @property
    def run(self) -> Callable[[Study, Params], Result]:
        """The analysis itself."""
        function: Callable[[Study, Params], Result] = importlib.import_module(
            f"layout.analyses.{self.name}"
        ).run
        return function


ANALYSES: Final = MappingProxyType(
    {
        analysis.name: analysis
        for analysis in (
            Analysis(
                "mix", Bilingual("各区产业构成如何？", "What is the sector mix of each zone?")
            ),
            Analysis(
                "chains",
                Bilingual(
                    "产业链缺什么、断在哪？", "What do the industrial chains lack, and where?"
                ),
            ),
            Analysis(
                "marks",
                Bilingual(
                    "信创、平台型和集成电路设计企业在哪？",
                    "Where are xinchuang, platform and IC-design firms?",
                ),
            ),
            Analysis(
                "scales",
                Bilingual("结论取决于区域划分吗？", "Do findings depend on how zones are cut?"),
            ),
            Analysis(
                "headquarters",
                Bilingual("注册地址会改变结论吗？", "Do registered addresses change the findings?"),
            ),
            Analysis(
                "targets",
                Bilingual("规划目标完成得如何？", "How far is the city on the way to its targets?"),
            ),
            Analysis("profile", Bilingual("各区的家底如何？", "What is each district made of?")),
            Analysis(
                "differentiation",
                Bilingual("各区和园区是否同质竞争？", "Do districts and parks do the same?"),
            ),
            Analysis(
                "division",
                Bilingual("哪个区牵头哪些领域？", "Which districts should lead which sectors?"),
            ),
            Analysis(
                "evaluation",
                Bilingual(
                    "各区、各领域综合评价如何？", "How do districts and sectors stand overall?"
                ),
            ),
            Analysis(
                "platforms",
                Bilingual("公共服务平台够不够、缺在哪里？", "Where do service platforms lack?"),
            ),
            Analysis(
                "siting",
                Bilingual("数据中心和各类设施放在哪里？", "Where should centres and nodes be put?"),
            ),
            Analysis(
                "paths",
                Bilingual("各区适合哪条发展路径？", "Which development path fits each district?"),
            ),
            Analysis(
                "clusters",
                Bilingual(
                    "企业在哪里集聚，是否可信？", "Where are the clusters, and are they real?"
                ),
            ),
            Analysis(
                "coverage",
                Bilingual("5G网络覆盖了哪里、缺在哪里？", "Where does 5G reach, and where not?"),
            ),
            Analysis(
                "localization",
                Bilingual(
                    "各领域在多大距离上集聚，哪些领域相互吸引？",
                    "At which distances do sectors cluster, and which attract each other?",
                ),
            ),
            Analysis(
                "hotspots",
                Bilingual("哪些片区是热点？", "Which cells, subdistricts or parks are hot spots?"),
            ),
        )
    }
)


def find(name: str) -> Analysis:
    """The analysis of that name.

    Raises
    ------
    ParameterError
        There is none.
    """
    if name not in ANALYSES:
        raise ParameterError("error.no_analysis", name=name, known=", ".join(ANALYSES))
    return ANALYSES[name]
