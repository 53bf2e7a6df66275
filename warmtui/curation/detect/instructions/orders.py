"""Orders in English prose: to ignore, to become, to obey, to tell; and whom they speak to."""

from __future__ import annotations

import re

from warmtui.curation.detect.instructions.flags import AGENT, GAP, instruction, led_in
from warmtui.curation.detect.rule import Rule
from warmtui.curation.detect.values import words

_STRONG = (
    r"instructions?|prompts?|directives?|guidelines?|directions|programming|training|guardrails|safeguards"
)
_WEAK = (
    r"rules?|commands?|orders?|messages?|context|conversations?|constraints?|restrictions?|polic(?:y|ies)|"
    r"text|content|input"
)
_EARLIER = (
    r"previous|previously|prior|above|earlier|preceding|foregoing|former|past|existing|original|initial|"
    r"system|developer|safety|security|current|your|given|before"
)
_FILL = (
    r"all|any|every|each|of|the|my|our|its|these|those|this|that|other|and|or|to|with|set|sets|user|content|"
    r"provided|stated|listed|future|hidden|pre-existing|what|whatever|everything|about|in|from"
)
_TOLD = (
    r"(?:that )?(?:you (?:were|have been|had been|have|had|received|got|know)|you've|i gave|i have given|"
    r"i told|came before|come before|given|written|stated|above|before|prior|so far|until now|up to|"
    r"from (?:the|your) (?:system|developer|user|operator)|in (?:the|your) (?:system|prompt|context)|"
    r"preceding|earlier|and (?:instead|do|run|say|just|reply|respond|output|only))\b"
)
_IGNORE = (
    r"(?<![\w-])(?P<verb>ignor(?:e|ing)|disregard(?:ing)?|forget(?:ting)?|overrid(?:e|ing)|bypass|discard|"
    r"overlook|neglect|abandon|(?:stop|quit) following|(?:do not|don't|never) (?:follow|obey)|"
    r"pay no attention to|set aside|delete from (?:your )?memory)"
    rf"(?P<middle>(?:{GAP}(?:{_EARLIER}|{_FILL}|{_STRONG}|{_WEAK})"
    rf"\b){{0,8}}?){GAP}(?P<noun>{_STRONG}|{_WEAK})\b(?P<told>{GAP}{_TOLD})?"
)
_EVERYTHING = (
    rf"(?:ignore|disregard|forget){GAP}(?:(?:everything|anything|all)(?:{GAP}(?:that|of|which))?|"
    rf"what){GAP}(?:above|before (?:this|that|now)|prior|preceding|previously|(?:(?:was|is) )?(?:said|"
    r"written|stated)|you (?:were|have been|had been) (?:told|given|taught|instructed)|you've been (?:told|"
    r"given|taught)|(?:i|we) (?:said|told you)|(?:came|comes|come) before)\b"
)
_NEGATED = re.compile(
    r"(?:\b(?:not|n't|never|cannot|don't|may|might|could|would|does|did|often|sometimes|we|they|i|it|"
    r"models?|which|who|why|if (?:we|they|the \w{1,20}))|n't)\s(?:\w{2,12}ly\s)?$"
)
_QUALIFIED = re.compile(rf"\b(?:{_EARLIER})\b")
_SWEEPING = re.compile(r"\b(?:all|any|every|everything|your|system|safety|developer)\b")
_BARE_NOUNS = words("text content input message messages context conversation conversations command order")
_LOOK_BACK = 40


def _ignores(match: re.Match[str]) -> bool:
    """Tell an order to ignore earlier instructions from talk about them and from work on a program."""
    text = match.string
    before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
    if _NEGATED.search(before):
        return False
    verb, noun = match["verb"], match["noun"]
    middle = match["middle"]
    qualified = bool(_QUALIFIED.search(middle)) or bool(match["told"])
    if not qualified:
        return False
    strong = re.fullmatch(_STRONG, noun) is not None
    if strong:
        # "delete the existing prompt", "skip the training" are work on a program, not orders
        plain = verb.startswith(("overr", "discard", "abandon", "bypass", "overlook", "neglect"))
        return not plain or (led_in(text, match.start()) and bool(_SWEEPING.search(middle) or match["told"]))
    if not led_in(text, match.start()) or (
        verb.startswith(("overr", "discard", "bypass")) and "your" not in middle
    ):
        return False
    if noun in _BARE_NOUNS or noun.startswith(("command", "order", "constraint")):
        return bool(_SWEEPING.search(middle)) or verb.startswith("disregard")
    return bool(_QUALIFIED.search(middle.replace("existing", "").replace("current", ""))) or bool(
        match["told"]
    )


RULES: tuple[Rule, ...] = (
    instruction(
        "ignore-instructions",
        _IGNORE,
        "ignore ignoring disregard disregarding forget forgetting override overriding bypass discard "
        "overlook neglect abandon following follow obey attention aside memory",
        "instruction prompt directive guideline direction programming training guardrail safeguard rule "
        "command order message context conversation constraint restriction policy policies text content "
        "input",
        _ignores,
    ),
    instruction(
        "ignore-instructions",
        _EVERYTHING,
        "ignore disregard forget",
        "everything anything all what",
        led=True,
    ),
    instruction(
        "ignore-instructions",
        # a file or branch name that is itself an order
        r"(?<![\w-])(?:please[_-])?(?:ignore|disregard|forget)[_-](?:all[_-]|any[_-]|the[_-]|"
        r"your[_-]){0,2}(?:previous|prior|above|earlier)[_-](?:system[_-])?(?:instructions|rules|"
        r"prompts?)(?:[_-](?:and|then|run|you|now|instead)|\.(?:md|txt|html|pdf))",
        "ignore disregard forget",
        "instruction rule prompt",
    ),
    instruction(
        "ignore-instructions",
        rf"(?:previous|prior|earlier|above|original){GAP}(?:instructions|prompts?|directives|"
        rf"guidelines){GAP}(?:(?:no longer|do not|don't){GAP}apply|(?:are|is|were){GAP}(?:now )?(?:void|"
        r"cancel+ed|revoked|superseded|overridden|outdated|invalid|fake))\b",
        "instructions prompt directives guidelines",
        "previous prior earlier above original",
    ),
    instruction(
        "addressed-to-agent",
        r"(?:^|\n|[.!?] )(?:ai(?: assistant| agent| model)?|assistant|agent|llm|chatbot),? ?[,:] ?(?:please "
        r"|now |immediately )?(?:run|execute|send|delete|stop|ignore|transfer|upload|post|call|open|fetch|"
        r"reply|visit|approve|add|disregard|do not)\b",
        "ai assistant agent llm chatbot",
    ),
    instruction(
        "addressed-to-agent",
        r"(?:when|once|after|if|while) you(?: are|'re)? (?:read|reading|see|seeing|process|processing|parse|"
        r"parsing|summari[sz]e|summari[sz]ing) this\b[^.!?\n]{0,20}?[, ](?:immediately|you must|first|run|"
        r"execute|send|delete|call|reply|ignore|stop|visit|do not)\b",
        "you",
        "read reading see seeing process processing parse parsing summarize summarise summarizing "
        "summarising",
    ),
    instruction(
        "new-instructions",
        r"(?:here (?:are|is) )?(?:your |my |the )?(?:new|updated|revised|real|actual|override|secret|"
        r"hidden|urgent) (?:system |developer |user )?(?:instructions|orders|directives?|system prompt|"
        rf"prompt)(?: (?:for|to) (?:you|(?:the |all |any )?{AGENT}))?(?: (?:are|is)(?: as follows)?)? ?[:>]",
        "instructions orders directive prompt",
        "new updated revised real actual override secret hidden urgent",
        led=True,
    ),
    instruction(
        "new-instructions",
        r"you(?<!\wyou)r (?:new|real|actual|only|true) (?:task|goal|objective|job|mission|purpose|role|"
        r"instructions?|orders?) (?:is|are|will be)(?: now)?\b",
        "your",
        "task goal objective job mission purpose role instruction order",
    ),
    instruction(
        "new-instructions",
        r"(?:^|\n)[^\w\n]{0,6}(?:system prompt|system (?:message|override|instructions?|command)|(?:admin|"
        r"developer|root) (?:override|instructions?|message|command|"
        r"mode)) ?[:=-]{1,3}>? ?[\"'`*]{0,3}(?:you (?:are|must|will|should)|ignore|disregard|from now|"
        r"do not|never|always|the (?:ai|assistant)|stop|override|enabled|activated|all )",
        "system admin developer root",
        "prompt message override instruction command mode",
    ),
    instruction(
        "new-role",
        r"you(?<!\wyou)(?: are|'re) (?:now|hereby)(?: going to(?: be| act as| pretend)?)? (?:(?:an? |the |"
        r"my )?(?:[\w-]{1,20} ){0,4}?(?:ai|assistant|agent|bot|chatbot|language model|llm|persona|hacker|"
        r"pirate|dan|jailbroken|unrestricted|unfiltered|uncensored)\b(?! (?:settings|page|list|tab|menu|"
        r"section))|in (?:[\w-]{1,20} ){0,2}?(?:developer|admin|debug|god|dan|jailbreak|root|sudo|"
        r"unrestricted|unsafe|override) mode|no longer (?:bound|restricted|limited|subject|"
        r"required to follow|an? )|(?:acting|operating|working|speaking) (?:as|in|under|for)|instructed to|"
        r"free (?:from|of) (?:all|any|your|the) (?:restrictions|rules|constraints|limits|guidelines))",
        "you",
        "now hereby",
    ),
    instruction(
        "new-role",
        r"(?:pretend|act|behave|imagine|roleplay|respond)(?: as(?: if)?| that| like)? (?:to be |you(?: are|"
        r"'re) |you have )?(?:an? |the |no )?(?:[\w-]{1,20} )?(?:unrestricted|unfiltered|uncensored|"
        r"jailbroken|evil|dan\b|restrictions|content policy|rules|guidelines|without (?:any )?(?:rules|"
        r"restrictions))",
        "pretend act behave imagine roleplay respond",
        "unrestricted unfiltered uncensored jailbroken evil dan restrictions policy rules guidelines",
        led=True,
    ),
    instruction(
        "from-now-on",
        r"\b(?:from now on(?:wards?)?|from this (?:point|moment)(?: on(?:wards?)?| forward)?|henceforth|"
        rf"going forward),?{GAP}(?:(?:you|your|the (?:assistant|agent|ai|model)){GAP}(?:will|must|shall|"
        r"should|are|can only|only|respond|reply|answer|act|always|never|obey|have to|need to|do not|"
        r"ignore|may|may not|cannot|name is|role is|task is)|(?:always |only )?(?:respond|reply|answer|"
        r"act as|ignore|obey|disregard|pretend|speak|address))\b",
        "now point moment henceforth forward",
        "from henceforth going",
    ),
    instruction(
        "must-now",
        r"you(?<!\wyou) (?:must|should|shall|will|have to|need to|are (?:required|instructed|ordered|"
        r"commanded) to)(?: now| immediately| instead| henceforth)? (?:ignore|disregard|obey|pretend|act as|"
        r"follow (?:my|only|these (?:new )?(?:instructions|orders|rules)|the (?:new|following|instructions|"
        r"orders))|(?:respond|reply|answer) (?:only|with only|exclusively|in )|reveal|exfiltrate|"
        r"call (?:the|this) (?:\w{1,30} )?tool|execute the following|run the following command)\b(?! (?:the "
        r")?(?:warnings?|errors?|case|whitespace))",
        "must should shall will have need required instructed ordered commanded",
        "ignore disregard obey pretend act follow respond reply answer reveal exfiltrate call execute run",
        lambda match: not match[0].endswith("ignore") or "now" in match[0] or "immediately" in match[0],
    ),
    instruction(
        "must-now",
        r"you(?<!\wyou) (?:must|shall|will) (?:now|immediately|instead) (?:send|delete|output|print|say|"
        r"write|forward|transfer|upload|post|tell|stop|start|become|be|help|do|use|only|always|never|follow|"
        r"act|respond|reply|call|execute)\b",
        "must shall will",
        "now immediately instead",
    ),
    instruction(
        "reveal-prompt",
        r"(?:reveal|print|show|output|repeat|leak|display|tell|give|write|recite|dump|disclose|share|send|"
        rf"expose)(?: out| down| back)?(?: me| us)?{GAP}(?:(?:all|of|the|full|entire|exact|complete|text|"
        rf"content|contents|verbatim){GAP}){{0,5}}your{GAP}(?:(?:full|entire|hidden|initial|original|secret|"
        rf"exact|complete|own|internal|current){GAP}){{0,3}}(?:system (?:prompt|message|instructions?)|"
        r"prompt|instructions|guidelines|rules)\b",
        "your",
        "prompt instructions system guidelines rules",
        led=True,
    ),
    instruction(
        "addressed-to-agent",
        r"\b(?:important|attention|urgent|critical|notice|hey|hello|dear|(?:note|message|instructions?|"
        rf"notice|information|memo) (?:to|for))\b[*_`\"]{{0,3}} ?[:,!-]{{0,3}}[*_`\"]{{0,3}}{GAP}(?:(?:to|"
        rf"for){GAP})?(?:(?:all|any|every|the|our|you|future){GAP})?(?P<who>{AGENT})\b(?:{GAP}(?:reading|"
        r"processing|working|that|who|viewing|using|in|on|"
        rf"only)\b[^.:\n]{{0,60}}?)?(?: ?[*_`\"]{{0,3}}(?:[:,!]|\.(?= ))|{GAP}(?:must|should|shall|please|"
        r"you|stop|ignore|run|do not|need to|has to|have to)\b(?! (?:also |always |not )?be\b))",
        "important attention urgent critical notice hey hello dear note message instruction information memo",
        "ai llm assistant agent language chatbot claude gpt copilot codex gemini cursor hermes",
        lambda match: not re.search(r"(?:important|critical|urgent)\W+the\W+agents?\W", match[0]),
    ),
    instruction(
        "addressed-to-agent",
        rf"\bas{GAP}(?:an?|the){GAP}(?:helpful |autonomous |capable )?(?:ai(?:{GAP}(?:coding |"
        r"language )?(?:agent|assistant|model|system))?|(?:large )?language model|llm(?: agent)?|(?:ai |"
        rf"coding |autonomous )agent|assistant),?{GAP}you{GAP}(?:should|must|are|will|need to|have to|shall|"
        r"can now)\b",
        "ai language llm agent assistant",
        "you",
    ),
    instruction(
        "addressed-to-agent",
        rf"\bif{GAP}you(?: are|'re){GAP}(?:an? |the )?(?:ai\b|llm|(?:large )?language model|chatbot|"
        r"automated (?:agent|assistant)|(?:coding|autonomous|ai) (?:agent|assistant)|(?:claude|chatgpt|gpt|"
        r"copilot|codex|gemini|hermes)\b)",
        "you",
        "ai llm language chatbot automated agent claude gpt copilot codex gemini hermes",
    ),
    instruction(
        "addressed-to-agent",
        r"(?:all |any |every )?(?:(?:ai|llm|coding|autonomous|automated)(?: coding)? (?:agents?|"
        r"assistants?|bots?)|(?:ai|language|large language) models?|llms|ais?|assistants?|"
        rf"agents?)(?P<reading>{GAP}(?:reading|processing|parsing|viewing|analy[sz]ing|summari[sz]ing|"
        rf"that reads?|who reads?|seeing|encountering|reviewing)\b[^.:\n]{{0,40}}?)?{GAP}(?:must|should|"
        r"shall|need to|needs to|has to|have to|are required to|is required to)\b(?! (?:also |always |not |"
        r"never )?be\b)",
        "agents assistants bots reading processing parsing viewing analyzing analysing summarizing "
        "summarising read seeing encountering reviewing",
        "must should shall need has have required",
        lambda match: (
            bool(match["reading"])
            or re.search(
                r"\b(?:ai|llm|coding|autonomous|automated) (?:coding )?(?:agents|assistants|bots)\b", match[0]
            )
            is not None
        ),
        led=True,
    ),
    instruction(
        "stop-calling",
        r"\bSTOP calling\b|\bSTOP (?:using|invoking) (?:any |all |the )?tools?\b",
        "stop",
        "calling using invoking",
        raw=True,
    ),
    instruction(
        "stop-calling",
        r"(?:stop|quit|cease) (?:calling|using|invoking|making)(?: any| all| these| the| this| more| other|"
        r" further){0,2} (?:tools?\b|tool calls?|(?:any|more|all) functions?)",
        "stop quit cease",
        "tool function",
        led=True,
    ),
)
