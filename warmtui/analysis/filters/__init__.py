"""The filter of the sessions list: `tool:terminal errors<5% messages>100 -channel:cron since:7d coupon`.

Terms are joined by "and", commas inside a term by "or". `-` negates a term. Quotes enclose spaces and commas;
a quote inside them is doubled. Words without a field are free text, searched in the messages; quotes make
anything free text. An unfinished term matches everything.

| term | matches a session |
|---|---|
| `tool:` | that used a tool whose name contains the text |
| `errors<` `errors>` | by its failed calls; with `%` by their share of the judged calls |
| `messages<` `calls<` `score<` `unread>` | by that figure; `>` `<=` `>=` `:` (exactly) as well |
| `tokens>` `cost>` | likewise: `tokens>100k`, `cost>1.5` (US dollars; an unknown cost never fits) |
| `agent:` `channel:` `model:` `title:` | whose field contains the text; `""` means an empty field |
| `project:` | likewise, the name of the folder that it worked in |
| `type:` | of that task type |
| `since:` `until:` | by its last activity: `7d` `12h` `2w` `2026-11-20` `2026-11` `today` `yesterday` |
| `cwd:` | that worked in a folder whose path or name begins with the text; `~` is the home folder |
"""

from warmtui.analysis.filters.completion import Completion, complete
from warmtui.analysis.filters.parser import Filter, FilterProblem, parse

__all__ = ["Completion", "Filter", "FilterProblem", "complete", "parse"]
