"""The filter of the sessions list: `tool:terminal errors<5% messages>100 -channel:cron since:7d coupon`.

Terms are joined by "and", commas inside a term by "or", `-` before a term turns it round, quotes hold
spaces and commas together (a quote inside them is doubled). Words that no field claims are free text, to
be searched in the messages; quotes make free text of anything. An unfinished term matches everything.

| term | matches a session |
|---|---|
| `tool:` | that used a tool whose name holds the text |
| `errors<` `errors>` | by its failed calls; with `%` by their share of the judged ones |
| `messages<` `calls<` `score<` | by that figure; `>` `<=` `>=` `:` (exactly) as well |
| `agent:` `channel:` `model:` `title:` | whose field holds the text; `""` is a field that is empty |
| `type:` | of that task type |
| `since:` `until:` | that was last active then: `7d` `12h` `2w` `2026-11-20` `2026-11` `today` `yesterday` |
| `cwd:` | that worked in a folder whose path, or whose name, begins so; `~` is the home folder |
"""

from warmtui.analysis.filters.completion import Completion, complete
from warmtui.analysis.filters.parser import parse
from warmtui.analysis.filters.records import Filter, FilterProblem, Term

__all__ = ["Completion", "Filter", "FilterProblem", "Term", "complete", "parse"]
