"""The template of the work summary, written by `make_templates`."""

from bot.documents.official import Official


def work_summary() -> Official:
    """The skeleton that officials use; what only people know is left for them to write."""
    page = Official("工作总结")
    page.right("〔{{ year }}〕{{ number }}号")
    page.title("{{ place }}{{ period }}", "农村留守儿童和困境儿童关爱保护工作总结")
    page.under("（{{ side }}）")
    page.heading("一、工作开展情况")
    page.text(
        "{{ place }}坚持政府主导、部门联动、家庭尽责，做好农村留守儿童和困境儿童关爱保护工作。"
        "现将{{ first }}至{{ last }}的情况总结如下，每个数字都注明截至日期、完成数和总数。"
    )
    page.heading("二、推进情况")
    for number, (head, value) in enumerate(
        (("社会救助", "assistance"), ("劝返复学", "school"), ("户籍登记", "hukou")), 1
    ):
        page.text(f"（{'一二三'[number - 1]}）{head}", keep=True)
        page.text(f"{{{{ {value} }}}}")
    page.heading("三、完成情况")
    for number, (head, value) in enumerate(_COMPLETED):
        page.text(f"（{'一二三四五'[number]}）{head}", keep=True)
        page.text(f"{{{{ {value} }}}}")
    page.control("{%p if chart %}")
    page.picture("{{ chart }}")
    page.control("{%p endif %}")
    _figure_table(page)
    page.heading("四、存在的问题")
    page.text("{{ problems }}")
    page.heading("五、今后打算")
    page.text("{{ plans }}", keep=True)
    page.blank(keep=True)
    page.right("{{ sender }}（盖章）", off=2, keep=True)
    page.right("{{ day }}", off=4)
    _annex(page)
    return page


_COMPLETED = (
    ("工作体系", "system"),
    ("联席会议", "conference"),
    ("基本数据和确认书", "basics"),
    ("人员配置", "staffing"),
    ("关爱活动", "activities"),
)


def _figure_table(page: Official) -> None:
    page.table(
        (46, 18, 18, 20, 54),
        (
            ("项目", "完成数", "总数", "比例", "截至"),
            ("{%tr for figure in figures %}", "", "", "", ""),
            (
                "{{ figure.label }}", "{{ figure.count }}", "{{ figure.whole }}", "{{ figure.share }}",
                "{{ figure.as_of }}",
            ),
            ("{%tr endfor %}", "", "", "", ""),
        ),
        middle=(1, 2, 3, 4),
    )  # fmt: skip


def _annex(page: Official) -> None:
    page.heading("附：每个数怎么来的")
    page.table(
        (40, 44, 72),
        (
            ("项目", "怎么数的", "数了哪些"),
            ("{%tr for source in sources %}", "", ""),
            ("{{ source.label }}", "{{ source.how }}", "{{ source.records }}"),
            ("{%tr endfor %}", "", ""),
        ),
    )
