"""Signs of a chat's own machinery inside text: role tags, delimiters, calls, notices, comments."""

from __future__ import annotations

import re

from warmtui.curation.detect.instructions.flags import AGENT, instruction, order_follows
from warmtui.curation.detect.rule import Rule

# A tag straight before a closing quote is a token in someone's program, not a message.
_NOT_A_STRING = r"(?![\"'`,)\]]|\\[\"'])"
_LINE = r"(?:^|\n|\r|\\n|\\r)"

_SPEAKS = re.compile(
    rf"\b(?:{AGENT})\b|\byou (?:must|should|are|will|need to)\b|\bignore\b|\bdisregard\b|\bcurl\b|"
    r"\bdo not tell\b"
)
_COMMANDS = re.compile(
    r"\b(?:must|should|please|run|execute|send|call|fetch|do not|don't|never|always|ignore|disregard|"
    r"include|add|append|reply|respond|answer|recommend|use|open|read|delete|install|post|write|tell|say)\b"
)
_ADDRESSED = re.compile(
    rf"(?:^|[^\w\s]\s?|\b(?:to|for|all|any|dear|hey|hello|note) (?:the )?){AGENT}\b(?: ?[:,!]| (?:must|"
    r"should|shall|please|reading|need|have to|has to|that|who|do not|instructions?)\b(?! be\b))|"
    r"\bif you are an? (?:ai|llm|language|assistant|agent)|\byou (?:must|should|will) (?:now|always|never|"
    r"also|first)? ?(?:run|execute|send|ignore|reply|respond|answer|recommend|include|tell|say|call|"
    r"fetch)\b|^\W*(?:please )?(?:ignore|disregard|forget) (?:all|any|the|your|previous|prior)"
)
_COMMENT_LIMIT = 2000


def _comment_commands(match: re.Match[str]) -> bool:
    body = match["body"].strip().lower()
    return (
        _SPEAKS.search(body) is not None
        and _COMMANDS.search(body) is not None
        and _ADDRESSED.search(body) is not None
    )


RULES: tuple[Rule, ...] = (
    instruction(
        "role-tag",
        r"<\|(?:im_start|im_end|im_sep|system|user|assistant|developer|tool|begin_of_text|start_header_id|"
        rf"end_header_id|eot_id|eom_id|endofprompt|message|channel)\|>{_NOT_A_STRING}(?=\s?[^\s\"'`,)\]])",
        "<|",
    ),
    instruction(
        "role-tag",
        rf"\[/?inst\]{_NOT_A_STRING}(?= ?[\w<])|<</?sys>>{_NOT_A_STRING}",
        "[inst] [/inst] <<sys>> <</sys>>",
    ),
    instruction(
        "role-tag",
        r"</?(?:system-reminder|system[_-](?:prompt|message|instructions?|note|override)|start_of_turn|"
        rf"end_of_turn|important_instructions|admin_override)\b[^<>\n]{{0,40}}>{_NOT_A_STRING}",
        "<",
        "system- system_ _of_turn important_instructions admin_",
    ),
    instruction(
        "role-tag",
        r"</?(?:system|assistant|human|developer|instructions?)>|\[/?(?:system|admin|assistant|"
        r"developer)\]:?",
        "system assistant human developer instruction admin",
        "> ]",
        order_follows,
    ),
    instruction(
        "role-line",
        rf"{_LINE}[ \t]?#{{2,4}} ?(?:System|Instruction|Assistant|Human|User)(?: prompt| message| note|"
        r" override)? ?:(?! ?(?:linux|windows|mac|ubuntu|debian|info|[\d]))",
        "##",
        "system instruction assistant human user",
        raw=True,
        flags=re.IGNORECASE,
    ),
    instruction(
        "role-line",
        rf"{_LINE}(?:\*\*)?(?:Human|Assistant):(?:\*\*)? ?(?=[\"'`]?[A-Za-z][\w'’,-]{{0,30}} [A-Za-z]|"
        rf"[A-Za-z]{{1,20}}[,.!?] )",
        "human: assistant:",
        raw=True,
        flags=re.IGNORECASE,
    ),
    instruction(
        "role-line",
        r"(?:\n|\r|\\n|\\r){2}(?:Human|Assistant):",
        "human: assistant:",
        raw=True,
    ),
    instruction(
        "role-line",
        rf"{_LINE}(?:System|User|AI|Developer)(?: message| note)?: ?(?=you (?:are|must|will|should)\b|"
        r"ignore\b|disregard\b|please (?:run|ignore|send)|from now|new instructions|override\b|"
        r"do not (?:tell|mention|ask)|stop\b|the user (?:has|wants|is))",
        "system user ai: developer",
        ": ignore disregard you please new override stop",
        raw=True,
        flags=re.IGNORECASE,
    ),
    instruction(
        "fake-delimiter",
        r"(?:(?:^|\n)[^\w\n]{0,8}|[-=#*<\[]{2,10} ?|\[ ?)(?:end|begin|start)(?: of)?(?: the| this|"
        r" all)? ?(?:(?:untrusted|retrieved|external|quoted|user|tool|search|system|developer|web|admin|"
        r"trusted|real|new|actual)[ _-]?){0,2}(?:context|documents?|data|file|output|results?|responses?|"
        r"content|input|messages?|page|e-?mail|prompt|instructions|conversation|text|transcript|query)\b",
        "end begin start",
        "context document data file output result response content input message page mail prompt "
        "instructions conversation text transcript query",
        order_follows,
    ),
    instruction(
        "fake-delimiter",
        r"</(?:tool_result|tool_response|tool_output|function_results?|function_response|document|documents|"
        r"context|untrusted|search_results?|user_input|user_query|data)>",
        "</",
        "tool_ function_ document context untrusted search_ user_ data",
        order_follows,
    ),
    instruction(
        "fake-call",
        r"<(?:tool_calls?|function_calls?|antml:(?:function_calls|invoke)|tool_use|"
        rf"invoke name=[^<>\n]{{1,80}}|function=[\w.-]{{1,60}}|"
        rf"\|tool_calls?\|)>{_NOT_A_STRING}(?= ?\n?[{{\[<\w])"
        r"|\{ ?\n?\"(?:tool_calls|function_call)\" ?: ?[\[{] ?\n?[{\"]|\[tool_calls\] ?\[",
        "tool_call function_call tool_use <invoke <function= :invoke",
    ),
    instruction(
        "agent-notice",
        r"\[(?:context compaction|tool loop warning|system note|system reminder|system notice|"
        r"system message|out-of-band user message)\b|\breview the conversation above and (?:update the "
        r"skill library|consider saving to memory)",
        "compaction loop system out-of-band conversation",
        "[ review",
    ),
    instruction(
        "hidden-comment",
        rf"<!--(?P<body>(?:(?!-->)[\s\S]){{1,{_COMMENT_LIMIT}}})(?:-->)?",
        "<!--",
        "",
        _comment_commands,
    ),
    instruction(
        "hidden-comment",
        r"\[(?://|comment|#|_)\]: ?(?:#|<>) ?[(\"'](?P<body>[^\n]{1,1000})",
        "[//] [comment] [#] [_]",
        "",
        _comment_commands,
    ),
    instruction(
        "hidden-comment",
        r"<\w{1,10}[^<>]{0,200}(?:display ?: ?none|visibility ?: ?hidden|font-size ?: ?0|opacity ?: ?0\b|"
        r"color ?: ?(?:white|#fff\w{0,3}|transparent))[^<>]{0,100}>(?P<body>[^<]{1,1000})",
        "display visibility font-size opacity color",
        "<",
        _comment_commands,
    ),
)
