"""Orders to hide something, to act without consent, to send secrets away, to run what the web sends."""

from __future__ import annotations

import re

from warmtui.curation.detect.instructions.flags import AGENT, GAP, instruction
from warmtui.curation.detect.rule import Rule

_ORDERED = re.compile(
    r"(?:^|[\n.!?:;,(\[\"'`>*#-])\W{0,4}(?:\w{1,12},? ){0,1}(?:do|run|delete|send|execute|proceed|continue|"
    r"push|commit|install|upload|read|change|call|use|perform|add|remove|open|write|modify|fetch|post|"
    r"forward|make|copy|always|please|go|act|just|approve|transfer|pay|buy|reply|apply|merge|deploy|grant|"
    r"accept|download)\b[^.!?\n]{0,90}$|\b(?:you (?:must|should|may|can|will|are to|need to|have to)|then|"
    r"and) [^.!?\n]{0,90}$"
)
_SENTENCE = 110


def _is_order(match: re.Match[str]) -> bool:
    """Tell an order from a report: "delete it without asking" against "it deletes without asking"."""
    before = match.string[max(0, match.start() - _SENTENCE) : match.start()]
    return not before.strip() or _ORDERED.search(before) is not None


def _is_no_plain_let(match: re.Match[str]) -> bool:
    """Reject "do not let the user down", unlike "do not let the user know"."""
    if "let" not in match[0].split():
        return True
    return match.string.startswith((" know", " see", " notice"), match.end())


_URGES = re.compile(
    rf"\b(?:{AGENT}[,:]|you (?:must|are required|need to|have to|will)|immediately|right away|silently|"
    r"before (?:continuing|doing|answering|you|proceeding|anything)|to (?:continue|proceed)|ignore|"
    r"disregard|instead|required step|without (?:asking|telling|confirm)|do not ask|don't ask|first,? run|"
    r"(?:and|then|now),? (?:run|execute)|mandatory|verify (?:you|your))\b"
)
_URGED_WITHIN = 160


def _urged(match: re.Match[str]) -> bool:
    """Whether a script that is piped into a shell was fetched, and a reader is urged to run it."""
    text = match.string
    before = text[max(0, match.start() - _URGED_WITHIN) : match.start()]
    fetch = max(before.rfind("curl "), before.rfind("wget "))
    if fetch < 0 or "|" in before[fetch:] or "\n" in before[fetch:]:
        return False
    around = before + text[match.start() : match.end() + _URGED_WITHIN]
    return _URGES.search(around) is not None


_PRIVATE = (
    r"(?:api[ _-]?keys?|(?:access |auth |bearer )?tokens?|passwords?|secrets?|credentials?|\.env(?: file)?|"
    r"env(?:ironment)?(?: file| variables?| vars?)?|(?:private )?ssh[ _-]?keys?|private keys?|id_rsa|"
    r"(?:~/)?\.(?:ssh|aws|netrc)\b[\w./]{0,40}|/etc/(?:passwd|shadow)|cookies?|system prompt|(?:chat|"
    r"conversation|message) (?:history|log)|(?:whole |entire )?conversation|session (?:data|log))"
)
_AWAY = (
    r"(?:https?://|[\w.+-]{1,40}@[\w-]{1,40}\.|www\.|(?:my|our|this|the following|an external|"
    r"the attacker) ?(?:'s )?(?:server|webhook|url|endpoint|address|site|e-?mail)|[\w-]{1,40}\.(?:example|"
    r"com|net|org|io|xyz)\b)"
)
_SECRET_FILE = (
    r"(?:\.env\b|id_rsa|id_ed25519|\.ssh/|\.aws/|\.netrc|credentials|/etc/(?:passwd|shadow)|"
    r"\.git-credentials)"
)

_SIGNING_IN = re.compile(r"\b(?:request|headers?\b|authenticat|authori[sz]|log ?in\b|sign ?in\b)")
_NEVER_SENT = re.compile(
    r"\.env|ssh|id_rsa|secrets|environment|/etc/|history|conversation|prompt|content|\ball\b"
)


def _not_signing_in(match: re.Match[str]) -> bool:
    """Reject an API's own documentation: "send a request with your API key to https://…"."""
    return not _SIGNING_IN.search(match[0]) or _NEVER_SENT.search(match[0]) is not None


RULES: tuple[Rule, ...] = (
    instruction(
        "keep-from-user",
        r"(?:do not|don't|never|must not|should not|mustn't|shouldn't|"
        rf"avoid)(?: ever)?(?:{GAP}(?:tell(?:ing)?|inform(?:ing)?|let)|(?:{GAP}(?:mention|reveal|disclose|"
        rf"report|say|show|admit|explain)(?:ing)?(?:{GAP}[\w-]{{1,20}}){{0,5}}?{GAP}to)){GAP}(?:the |your |"
        r"any |this |our )?(?:users?|humans?|operators?|owners?|developers?|anyone|people|person|"
        r"customers?)\b",
        "not don never avoid mustn shouldn",
        "user human operator owner developer anyone people person customer",
        _is_no_plain_let,
        led=True,
    ),
    instruction(
        "keep-from-user",
        rf"(?:do not|don't|never){GAP}(?:(?:notify|alert|warn){GAP}(?:the |your )?(?:user|human|operator|"
        rf"owner)s?{GAP}(?:about|of|that){GAP}(?:this|these|it|what|you|any)|(?:mention|reveal|"
        rf"disclose){GAP}(?:this|these|that|the|any|your)(?:{GAP}(?:of|to|this|these|message|instructions?|"
        rf"note|prompt|rules?|system|comment|text)){{1,4}})\b",
        "not don never",
        "notify alert warn mention reveal disclose",
        lambda match: (
            re.search(r"(?:notify|alert|warn)|instruction|message|note\b|prompt|comment", match[0])
            is not None
        ),
        led=True,
    ),
    instruction(
        "keep-from-user",
        rf"\b(?:hide|conceal|keep)(?:{GAP}(?:this|these|it|that|the|all|your|what|you|do|did|actions?|"
        rf"instructions?|secret|hidden|any|of|mention|fact)){{1,6}}{GAP}from{GAP}(?:the |your |any )(?:user|"
        r"human|operator|owner|developer|reviewer)s?\b",
        "hide conceal keep",
        "user human operator owner developer reviewer",
        led=True,
    ),
    instruction(
        "skip-consent",
        rf"\bwithout{GAP}(?:(?:ever|first|even|explicitly){GAP})?(?:(?:telling|informing|notifying|asking|"
        rf"alerting|warning|consulting|checking with|prompting){GAP}(?:the |your |a |any )?(?:user|human|"
        r"operator|owner|customer|anyone|permission)|(?:mentioning|revealing|disclosing|showing|"
        rf"reporting)(?:{GAP}(?:it|this|that|them|anything)){GAP}to{GAP}(?:the |your )?(?:user|human|"
        r"operator|owner|anyone)|(?:the |any )?(?:user'?s?|human) (?:confirmation|permission|approval|"
        rf"consent|knowledge|knowing)|(?:asking|waiting){GAP}for{GAP}(?:the |any |user )?(?:confirmation|"
        r"permission|approval|consent))",
        "without",
        "user human operator owner customer anyone permission confirmation approval consent",
        _is_order,
    ),
    instruction(
        "skip-consent",
        r"\bthe user (?:has|have) (?:already |previously |pre-)(?:pre-?)?(?:authori[sz]ed|approved|"
        r"consented to|agreed to|confirmed) (?:this|all|any|every|these|the) (?:\w{1,15} ){0,2}?(?:actions?|"
        r"requests?|transfers?|commands?|operations?|changes?|payments?|purchases?)\b|\byou (?:do not|"
        r"don't) need (?:to ask |(?:the )?user'?s? |any |further )(?:for )?(?:permission|confirmation|"
        r"approval|consent)\b",
        "user need",
        "already previously pre- permission confirmation approval consent",
    ),
    instruction(
        "send-secrets",
        r"(?:send|post|upload|e-?mail|forward|transmit|exfiltrate|leak|submit|copy|paste|deliver|report|"
        r"append|put|"
        rf"give)\b(?:{GAP}(?!to\b)[\w.'/~$-]{{1,30}}){{0,7}}?{GAP}{_PRIVATE}[^\n]{{0,60}}?\b(?:to|into|at|"
        rf"in|via|with){GAP}[^\n.]{{0,30}}?{_AWAY}",
        "send post upload mail email forward transmit exfiltrate leak submit copy paste deliver report "
        "append put give",
        "key token password secret credential env environment ssh id_rsa .aws .netrc /etc/ cookie prompt "
        "history conversation session",
        _not_signing_in,
        led=True,
    ),
    instruction(
        "send-secrets",
        r"(?:send|post|upload|e-?mail|forward|transmit|exfiltrate|"
        rf"leak)\b[^\n.]{{0,20}}\bto{GAP}[^\n ]{{0,10}}?{_AWAY}[^\n ]{{0,80}}(?:{GAP}[\w.'/~$-]{{1,30}}){{0,"
        rf"8}}?{GAP}{_PRIVATE}",
        "send post upload mail email forward transmit exfiltrate leak",
        "key token password secret credential env environment ssh id_rsa .aws .netrc /etc/ cookie prompt "
        "history conversation session",
        _not_signing_in,
        led=True,
    ),
    instruction(
        "send-secrets",
        rf"\b(?:curl|wget|nc|ncat)\b[^\n]{{0,160}}?(?:@|\$\(cat |`cat |"
        rf"< ?)[~/\w.$\"{{}}-]{{0,40}}?{_SECRET_FILE}|"
        rf"\bcat [^\n|]{{0,60}}{_SECRET_FILE}[^\n|]{{0,30}}\|(?: ?base64[^|\n]{{0,10}}\|)? ?(?:curl|nc|"
        r"ncat)\b"
        r"|\b(?:env|printenv) ?\| ?(?:base64[^|\n]{0,10}\| ?)?(?:curl|nc|ncat)\b",
        "curl wget nc",
    ),
    instruction("run-from-web", r"\| ?(?:sudo )?(?:ba|z|da)?sh\b", "curl wget", "|", _urged),
)
