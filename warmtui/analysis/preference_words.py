"""The words by which people say how they want things done, for each language.

Every table holds broad, common words only: what a person forbids, what should hold from now on, what they
would rather have, what they doubt and want checked, how work is handed over, and how an agent admits that a
person is right. `docs/definitions.md` says which languages have what.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from warmtui.analysis.patterns import any_of, word_set

MAX_LANGUAGE_SAMPLE = 600
"""Characters of a text that tell its language."""


class LanguageWords(NamedTuple):
    """What one language's words of preference look like; searched in single sentences."""

    name: str
    rules: re.Pattern[str]
    """What is forbidden, and what should hold always or from now on."""
    wishes: re.Pattern[str]
    """What the person would rather have: this and not that, what ought to be, what only to do."""
    doubts: re.Pattern[str]
    """Questions about whether the agent's way is right or needed."""
    checks: re.Pattern[str]
    """What the agent is to make sure of, look up or ask before it goes on."""
    reports: re.Pattern[str]
    """What does not work: the state of the task, and no wish."""
    first: re.Pattern[str]
    """What comes before the work: to ask, to wait, to talk it over, to plan."""
    handover: re.Pattern[str]
    """What becomes of the work when it is done: commit, push, pull request, release."""
    corrections: re.Pattern[str]
    """What says without an order that the agent's way was not what was meant."""
    progress: re.Pattern[str]
    """How what the person does or sees at the moment begins."""
    asks: re.Pattern[str]
    """What makes a question a request to the agent."""
    concessions: re.Pattern[str]
    """How an agent's answer begins when the person was right."""
    common: frozenset[str] = frozenset()
    """The commonest words of a language in Latin letters, by which it is recognised."""


_START = (
    r"(?:\A|[,;:.!?(—–-]\s*|\b(?:and|but|so|also|please|pls|plz|ok|okay|then|just|no|yes|well|again)[,\s]\s*)"
)
"""Where an English order begins: at the start of a sentence or a part of it."""
_NO_ORDER = (
    "want|need|like|get|remember|know|think|see|worry|understand|mind|care|have|"
    "the|this|that|these|those|we|you|they|it|i"
)
"""What follows a `don't` that forbids nothing: "don't worry", "don't the tests fail?"."""
_HANDOVER = (
    r"\b(?:PRs?|pull[- ]requests?|merge requests?|commit(?:s|ted)?|push(?:ed)?|merged?|rebase|branch(?:es)?|"
    r"worktrees?|releases?|changelog|deploy)\b"
)
"""Words that people of all languages use for it."""


def _ordered(words: str, subjects: str) -> str:
    """Return a pattern of words like `always` in a sentence that does not begin with who or what does it."""
    return rf"\A(?!\W*(?:{subjects})\b)[^.?!\n]{{0,150}}?\b(?:{words})\b"


ENGLISH = LanguageWords(
    "English",
    rules=any_of(
        _START + r"(?:don['’]?t|do not|never)\s+(?!(?:" + _NO_ORDER + r")\b)\w",
        _START + r"(?:let['’]?s not|always|avoid|no more|ignore)\s+\w",
        r"\b(?:should|must|please|you|can|shall)\s+(?:always|never)\b",
        r"\b(?:from now on|going forward)\b|" + _START + r"next time\b",
        r"\b(?:as|after|before|with|for|at) (?:each|every) (?:time|task|step|change|commit|feature|fix|PR)\b",
        r"`[^`\n]{2,80}` (?:if|when|whenever) you\b",
        r"\bprevent\w*\b[^.?!\n]{0,40}\b(?:again|in (?:the )?future)\b",
        flags=re.IGNORECASE,
    ),
    wishes=any_of(
        r"\binstead\b|\brather than\b|\bno need (?:to|for)\b|\bnot necessary\b",
        r"\b(?:use|call|name|put|make|run|write|should be|be|want) [^.?!\n]{1,60}[ ,]not\b",
        r"\b(?:you|we|shoudl|should)(?: probably| really)? (?:should|shouldn['’]?t|not|only)\b",
        r"\bshould (?:we|you|it|this|that)\b[^.\n]*\?",
        r"\bshould(?:n['’]?t| not)\b|\bmust(?:n['’]?t| not)\b",
        r"\bI(?:['’]d| would)?(?: much)? (?:prefer|rather|expect|hate)\b",
        r"\bI (?:don['’]?t|do not) (?:want|like|need)\b",
        r"\bI (?:want|need) you to\b|\bfor now\b|\bneed an? (?:pr|pull request)\b",
        _START + r"only\s+\w",
        flags=re.IGNORECASE,
    ),
    doubts=any_of(
        r"\bare you (?:sure|certain)\b|\bmade? (?:it|that|this|them) up\b",
        r"\b(?:did|have) you (?:just |really |actually )*(?:test|check|verif|run|read|look|make|invent|try)",
        r"\bwhy (?:did|do|are|were|would|on earth|not|don['’]?t|didn['’]?t)\b[^.?!\n]{0,20}\b(?:you|we)\b",
        r"(?<!what )\bdo(?:es)? (?:we|this|it|that) (?:really |even |still |actually )*need\b",
        r"\b(?:is|would|should|could|can|do|does|are)n['’]?t (?:it|that|we|this|there|you)\b[^.\n]*\?",
        r"\bis there (?:an?y? )?(?:other|another|better|simpler)\b|\bbetter to\b",
        flags=re.IGNORECASE,
    ),
    checks=any_of(
        r"\b(?:double|tripp?le)\b[^.?!\n]{0,12}\b(?:check|review)",
        r"\b(?:can|could|would) (?:you|we) (?:please |also |now |just )*(?:check|verify|confirm) "
        r"(?:that|if|whether|this|it|again)\b",
        r"\b(?:make|be) sure (?:to|you)\b",
        r"\bplease (?:also )?(?:verify|confirm)\b",
        r"\blink to\b[^.?!\n]{0,20}\b(?:docs?|documentation|source)\b",
        r"\b(?:public|official) (?:docs?|documentation)\b",
        flags=re.IGNORECASE,
    ),
    reports=any_of(
        r"\bstill\b|\b(?:errors?|fail(?:s|ed|ing|ures?)?|broken|crash\w*)\b",
        r"(?:n['’]?t| not) (?:\w+ )?(?:work|show|load|happen|run|start|appear)",
        flags=re.IGNORECASE,
    ),
    first=any_of(
        _START + r"ask (?:me|any|before|first)\b|\blet['’]?s (?:talk|discuss)\b",
        r"\bwait (?:for|until|please)\b|\bplease wait\b",
        r"\bbefore (?:(?:you )?(?:implement|start|commit|chang|edit|writ|touch)|continuing|doing|taking)",
        r"\b(?:don['’]?t|do not) (?:implement|start|code|change anything)\b",
        flags=re.IGNORECASE,
    ),
    handover=any_of(_HANDOVER, flags=re.IGNORECASE),
    corrections=any_of(
        r"\bthat['’]?s not (?:what|how|why|right|correct|true)\b|\bnot what I (?:asked|meant|want\w*|said)\b",
        r"\A\W*(?:no|nope)[,.!] (?!problem|worries|thanks|thank|rush|need)\w",
        r"\byou (?:forgot|missed|broke|ignored|skipped|misunderstood|were (?:supposed|asked) to)\b",
        r"\bI (?:already |just )?(?:said|told you|asked (?:you|for)|meant)\b",
        r"\A\W*(?:please )?(?:revert|undo|roll back|put (?:it|that|them) back)\b",
        r"\b(?:is|looks|seems|feels) (?:\w+ )?"
        r"(?:terrifying|ugly|overkill|over-?engineered|too (?:compl\w+|much|long|verbose))\b",
        r"\b(?:is|are) not (?:\w+ )?(?:useful|needed|necessary|helpful)\b",
        r"\b(?:phased out|deprecated) in favou?r of\b",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A\W*(?:(?:so|ok|okay|but|and|now|well|hm+)\W+)*"
        r"(?:i['’]?m|i am|i['’]ve|i have|i was|i see|we['’]re|we are) (?!wondering\b)\w",
        r"\A\W*\w{3,12}ed (?:the|that|an?|all)\b",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"\b(?:can|could|would|will) you\b|\bshould\b",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(
        r"(?:(?:oh|ah|yes|hm+|okay|ok)[,.!\s]+)?(?:"
        r"you(?:['’]re| are| were)(?: absolutely| completely| totally| quite)? (?:right|correct)|"
        r"(?:that['’]s a |a )?(?:good|great|excellent|fair|valid) (?:point|catch|call)|"
        r"my (?:mistake|bad|apologies)|(?:i )?apologi[sz]e|apologies|sorry|i made (?:that|it) up)",
        flags=re.IGNORECASE,
    ),
    common=word_set(
        "the a an and or is are was to of in for with that this it you i we not on be can do have please"
    ),
)

GERMAN = LanguageWords(
    "German",
    rules=any_of(
        _ordered(
            r"nie|niemals|immer(?! noch| wieder)|grundsätzlich|künftig|zukünftig",
            "der|die|das|es|ich|er|sie|wir|man|ein|eine|wenn|hier|da",
        ),
        r"\b(?:ab jetzt|von nun an|in Zukunft|nächstes Mal)\b",
        r"\b(?:bitte|aber|und) (?:nicht|kein\w*)\b|\blass (?:das|die|den)\b|\bvermeide\b",
        r"\bkeine?n? [^.?!\n]{1,40}(?:bitte|mehr)\b",
        r"\b(?:vor|nach) jede[mrn]\b|\bjedes Mal\b",
        flags=re.IGNORECASE,
    ),
    wishes=any_of(
        r"\b(?:statt|stattdessen|anstatt|anstelle|lieber|sondern|eher)\b|\bnicht nötig\b",
        r"\bsoll(?:te|ten|test|st|en)?\b|\bdarf(?:st)? nicht\b",
        r"\bich (?:will|möchte|mag) (?:nicht|kein\w*|lieber)\b",
        r"\A(?:nur|bitte nur)\b",
        flags=re.IGNORECASE,
    ),
    doubts=any_of(
        r"\bbist du (?:dir )?sicher\b|\bausgedacht\b|\bhast du [^.?!\n]{0,40}(?:getestet|geprüft|gelesen)\b",
        r"\bwarum (?:hast|machst|nimmst|nicht)\b|\bbrauchen wir\b|\bwäre es nicht\b",
        r"\b(?:ist|sollte) das nicht\b",
        flags=re.IGNORECASE,
    ),
    checks=any_of(
        r"\bprüf\w* (?:das |es |bitte )*(?:noch ?mal|genau|ob)\b|\bnoch ?mal prüf|\bvergewisser\w*",
        r"\bstell\w* sicher\b",
        flags=re.IGNORECASE,
    ),
    reports=any_of(
        r"\b(?:immer noch|geht nicht|funktioniert nicht|Fehler\w*|kaputt|schlägt fehl|abgestürzt)\b",
        flags=re.IGNORECASE,
    ),
    first=any_of(
        r"\bfrag\w* (?:mich|vorher|erst|nach)\b|\b(?:bevor|erst wenn) du\b|\bwarte\b",
        r"\blass uns (?:reden|besprechen)\b",
        flags=re.IGNORECASE,
    ),
    handover=any_of(_HANDOVER + r"|\b(?:committe\w*|pushe\w*|merge\w*|zweig)\b", flags=re.IGNORECASE),
    corrections=any_of(
        r"\bdas (?:ist|war) nicht (?:das|was|richtig)\b",
        r"\b(?:so|das) (?:war|ist) (?:das |so )?nicht gemeint\b",
        r"\A\W*(?:nein|nee)[,.!] \w",
        r"\bdu hast [^.?!\n]{0,40}(?:vergessen|übersehen|kaputt|ignoriert)\b",
        r"\bich (?:sagte|meinte|hatte gesagt)\b",
        r"\b(?:rückgängig|zurücksetzen)\b",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A\W*ich (?:bin|habe|sehe|schaue|versuche|teste)\b",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"\b(?:kannst|könntest|würdest) du\b|\bbitte\b|\bsoll\w*\b",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(
        r"du hast recht|sie haben recht|stimmt|guter (?:punkt|hinweis)|entschuldig|mein fehler",
        flags=re.IGNORECASE,
    ),
    common=word_set(
        "der die das und ist nicht ich du wir es ein eine mit für auf den dem zu bitte auch noch wie kann"
    ),
)

FRENCH = LanguageWords(
    "French",
    rules=any_of(
        _ordered(
            "toujours(?! pas)|jamais", "le|la|les|l|ça|cela|ce|c|il|elle|on|je|j|un|une|si|quand|pas|ici"
        ),
        r"\b(?:désormais|dorénavant)\b|\bà partir de maintenant\b|\bla prochaine fois\b",
        r"(?:\A|[,;:.]\s*)(?:ne|n['’])\s?\w+[^.?!\n]{0,30}\b(?:pas|plus|rien)\b",
        r"\bévite\w*\b|\barrête\w* (?:de|d['’])",
        r"\b(?:avant|après) chaque\b",
        flags=re.IGNORECASE,
    ),
    wishes=any_of(
        r"\bau lieu d|\bplutôt\b|\bpas besoin\b|\bil (?:ne )?faut\b",
        r"\b(?:tu|on|il|ça|cela) (?:ne )?d(?:oit|ois|evrait|evrais)\b",
        r"\bje (?:préfère|préférerais|ne veux pas)\b|\b(?:seulement|uniquement)\b",
        flags=re.IGNORECASE,
    ),
    doubts=any_of(
        r"\b(?:tu es|es-tu|t['’]es|vous êtes) s[ûu]re?\b|\binventé\b|\bas-tu (?:testé|vérifié|lu)\b",
        r"\bpourquoi (?:tu|as-tu|vous|pas)\b",
        r"\best-ce (?:vraiment )?(?:nécessaire|utile)\b|\bne serait-(?:il|ce) pas\b",
        flags=re.IGNORECASE,
    ),
    checks=any_of(
        r"\b(?:re)?vérifie[sz]? (?:bien|encore|que|si)\b|\bassure[sz]?[- ](?:toi|vous)\b", flags=re.IGNORECASE
    ),
    reports=any_of(
        r"\b(?:toujours pas|ne (?:marche|fonctionne) (?:pas|plus)|erreurs?|échoue\w*|plante|cassé)\b",
        flags=re.IGNORECASE,
    ),
    first=any_of(
        r"\bdemande[sz]?[- ]moi\b|\battends?\b|\bdiscutons\b|\bpose[sz]?[- ]moi\b",
        flags=re.IGNORECASE,
    ),
    handover=any_of(_HANDOVER + r"|\b(?:commite\w*|pousse[rz]?|fusionne\w*|branche)\b", flags=re.IGNORECASE),
    corrections=any_of(
        r"\bce n['’]est pas (?:ce que|ça|correct|bon)\b|\A\W*non[,.!] \w",
        r"\btu as (?:oublié|cassé|ignoré|raté)\b",
        r"\bj['’]ai (?:déjà )?(?:dit|demandé)\b|\bje voulais dire\b|\b(?:annule|reviens en arrière)\b",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A\W*(?:je (?:suis|regarde|vois|viens|teste)|j['’](?:ai|essaie))\b",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"\b(?:peux|pourrais)[- ]tu\b|\b(?:pouvez|pourriez)[- ]vous\b",
        r"\b(?:s['’]il (?:te|vous) pla[iî]t|stp|svp)\b",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(
        r"(?:tu as|vous avez) (?:tout à fait |absolument |parfaitement )?raison|exact\b|bonne remarque",
        r"désolé|mes excuses",
        flags=re.IGNORECASE,
    ),
    common=word_set("le la les des et est une un que qui pas je tu il nous pour dans avec sur ce du au en"),
)

SPANISH = LanguageWords(
    "Spanish",
    rules=any_of(
        _ordered(
            "siempre|nunca|jamás", "el|la|los|las|se|no|si|yo|esto|eso|un|una|ahora|cuando|quiero|al|en"
        ),
        r"\ba partir de ahora\b|\bde ahora en adelante\b|\bla próxima vez\b|\bevita\b",
        r"(?:\A|[,;:.]\s*|\b(?:y|pero|por favor,?) )no (?!has\b|es\b|haces|eres|puedes|tienes|sabes|más)"
        r"(?:\w+[ae]s|\w+[aei]r)\b",
        r"\b(?:antes de|después de) cada\b|\bsin romper\b",
        flags=re.IGNORECASE,
    ),
    wishes=any_of(
        r"\ben (?:vez|lugar) de\b|\bno hace falta\b|\b(?:debe|debes|deben|debería\w*|hay que|tienes que)\b",
        r"\b(?:prefiero|preferiría)\b|\bno quiero\b|\b(?:solo|sólo|solamente)\b|\bmejor (?:que|usa|haz)\b",
        flags=re.IGNORECASE,
    ),
    doubts=any_of(
        r"\b(?:estás|está) segur[oa]\b|\binventa(?:do|ste)\b|\bpor qué (?:no|has|haz|usas|usaste)\b",
        r"¿?no (?:sería|es) mejor\b",
        r"\bes (?:realmente )?necesario\b",
        flags=re.IGNORECASE,
    ),
    checks=any_of(
        r"\b(?:asegúra|asegura)(?:te|rse)\b|\b(?:verifica|comprueba) (?:bien|que|si|de nuevo)\b",
        flags=re.IGNORECASE,
    ),
    reports=any_of(
        r"\b(?:sigue|siguen|no (?:funciona|se|hay|carga|aparece|ha)|error(?:es)?|fall(?:a|ó|an)|roto)\b",
        flags=re.IGNORECASE,
    ),
    first=any_of(
        r"\bpreg[uú]nta(?:me|le|s)\b|\bespera\b|\bhablemos\b|\bme preguntas\b",
        flags=re.IGNORECASE,
    ),
    handover=any_of(
        _HANDOVER + r"|\b(?:commits?|commitea\w*|pushea\w*|fusiona\w*|ramas?|sube)\b", flags=re.IGNORECASE
    ),
    corrections=any_of(
        r"\b(?:eso )?no es lo que\b",
        r"\beso no es\b|\A\W*no[,.!] \w|\b(?:olvidaste|te olvidaste|rompiste|ignoraste)\b",
        r"\b(?:ya )?te (?:dije|pedí)\b|\bquise decir\b|\b(?:revierte|deshaz)\b",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A\W*(?:yo )?(?:estoy|he|veo|acabo de)\b",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"\b(?:puedes|podrías|podés|puede)\b|\bpor favor\b",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(
        r"tienes (?:toda la )?razón|tiene razón|buen punto|perdón|disculpa|lo siento|es cierto",
        flags=re.IGNORECASE,
    ),
    common=word_set(
        "el la los las de que y en un una es no se por con para del al lo como pero me su este esta"
    ),
)

PORTUGUESE = LanguageWords(
    "Portuguese",
    rules=any_of(
        _ordered(
            "sempre|nunca|jamais", "o|a|os|as|se|não|eu|ele|ela|isso|isto|um|uma|agora|quando|quero|ao|em"
        ),
        r"\b(?:a partir de agora|de agora em diante|da próxima vez)\b|\bevite\b",
        r"(?:\A|[,;:.]\s*|\b(?:e|mas|por favor,?) )não "
        r"(?:use|faça|altere|mexa|mude|crie|toque|quebre|remova|apague|rode|adicione|modifique|\w+[aei]r)\b",
        r"\b(?:antes de|depois de) cada\b|\bsem quebrar\b",
        flags=re.IGNORECASE,
    ),
    wishes=any_of(
        r"\bem vez de\b|\bao invés de\b|\bno lugar d|\bnão precisa\b",
        r"\b(?:deve|devem|deveria\w*|tem que|precisa ser)\b",
        r"\b(?:prefiro|preferia)\b|\bnão quero\b|\b(?:só|somente|apenas)\b",
        flags=re.IGNORECASE,
    ),
    doubts=any_of(
        r"\btem certeza\b|\binvent(?:ou|ado)\b|\bpor ?que (?:você|não|usou|fez)\b",
        r"\bnão (?:seria|é) melhor\b|\bé (?:mesmo )?necessário\b",
        flags=re.IGNORECASE,
    ),
    checks=any_of(
        r"\b(?:garanta|certifique\w*)\b|\b(?:verifique|confira|confirme) (?:bem|que|se|de novo)\b",
        flags=re.IGNORECASE,
    ),
    reports=any_of(
        r"\b(?:ainda não|continua|não (?:funciona|carrega|aparece|está)|erros?|falh(?:a|ou)|quebrad[oa])\b",
        flags=re.IGNORECASE,
    ),
    first=any_of(
        r"\bme pergunt\w+\b|\bpergunte\b|\bespere\b|\bvamos (?:conversar|discutir)\b",
        flags=re.IGNORECASE,
    ),
    handover=any_of(_HANDOVER + r"|\b(?:commita\w*|comita\w*|mescl\w+|ramo)\b", flags=re.IGNORECASE),
    corrections=any_of(
        r"\bnão (?:é|foi) (?:isso|o que)\b|\A\W*não[,.!] \w|\bvocê (?:esqueceu|quebrou|ignorou)\b",
        r"\beu (?:já )?(?:disse|pedi)\b|\bquis dizer\b|\b(?:reverta|desfaça)\b",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A\W*(?:eu )?(?:estou|vejo|acabei de)\b",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"\b(?:pode|poderia|consegue)\b|\bpor favor\b",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(
        r"você (?:está|tem) (?:certo|certa|razão|toda razão)|tem razão|bom ponto|desculp|é verdade",
        flags=re.IGNORECASE,
    ),
    common=word_set(
        "o os as de que e em um uma é não se por com para do da no na dos como mas ao você isso este"
    ),
)

ITALIAN = LanguageWords(
    "Italian",
    rules=any_of(
        _ordered("sempre|mai", "il|lo|la|i|gli|le|l|se|non è|io|questo|questa|un|una|ora|quando|voglio|qui"),
        r"\bd['’]ora in poi\b|\bla prossima volta\b|\bevita\b",
        r"(?:\A|[,;:.]\s*|\b(?:e|ma|per favore,?) )non \w+[aei]re\b",
        r"\b(?:prima di|dopo) ogni\b|\bsenza rompere\b",
        flags=re.IGNORECASE,
    ),
    wishes=any_of(
        r"\b(?:invece|al posto|piuttosto)\b|\bnon serve\b|\b(?:deve|devi|devono|dovrebbe\w*|bisogna)\b",
        r"\b(?:preferisco|preferirei)\b|\bnon voglio\b|\b(?:solo|soltanto)\b",
        flags=re.IGNORECASE,
    ),
    doubts=any_of(
        r"\bsei sicur[oa]\b|\binventat[oa]\b|\bperch[eé] (?:hai|non|usi)\b|\bnon (?:sarebbe|è) meglio\b",
        r"\bserve (?:davvero|proprio)\b",
        flags=re.IGNORECASE,
    ),
    checks=any_of(
        r"\b(?:assicurati|accertati|ricontrolla)\b|\b(?:verifica|controlla) (?:bene|che|se|di nuovo)\b",
        flags=re.IGNORECASE,
    ),
    reports=any_of(
        r"\b(?:ancora non|non (?:funziona|va|parte|appare)|error[ei]|fallisce|fallit[oi]|rotto)\b",
        flags=re.IGNORECASE,
    ),
    first=any_of(r"\bchiedimi\b|\baspetta\b|\bparliamone\b|\bdiscutiamo\b", flags=re.IGNORECASE),
    handover=any_of(_HANDOVER + r"|\b(?:committa\w*|pusha\w*|unisci|ramo)\b", flags=re.IGNORECASE),
    corrections=any_of(
        r"\bnon è (?:quello|ciò|così|giusto)\b|\A\W*no[,.!] \w",
        r"\b(?:hai dimenticato|hai rotto|hai ignorato)\b",
        r"\b(?:ti )?ho (?:già )?(?:detto|chiesto)\b|\bintendevo\b|\b(?:ripristina|annulla)\b",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A\W*(?:io )?(?:sto|vedo|ho appena)\b",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"\b(?:puoi|potresti|può)\b|\bper favore\b",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(
        r"hai (?:perfettamente |assolutamente )?ragione|ha ragione|giusto|buona osservazione|scusa",
        r"mi dispiace",
        flags=re.IGNORECASE,
    ),
    common=word_set(
        "il lo la gli di che e in un una è non si per con del della al come ma mi questo questa sono"
    ),
)

RUSSIAN = LanguageWords(
    "Russian",
    rules=any_of(
        _ordered("никогда|всегда", "он|она|оно|они|это|я|мы|у|тут|здесь|когда|если|почему"),
        r"\b(?:впредь|отныне)\b|\bс этого момента\b|\bв следующий раз\b",
        r"(?:\A|[,;:.]\s*|\b(?:и|а|но|пожалуйста,?) )не \w+(?:й|йте|и|ите|ь|ьте)\b",
        r"\bне (?:надо|нужно|стоит|трогай\w*)\b",
        r"\b(?:перед|после) кажд\w+\b",
        flags=re.IGNORECASE,
    ),
    wishes=any_of(
        r"\b(?:вместо|лучше|а не)\b|\b(?:долж\w+|нужно чтобы|следует)\b|\bне хочу\b|\b(?:только|лишь)\b",
        flags=re.IGNORECASE,
    ),
    doubts=any_of(
        r"\bт?ы? ?увере\w+\b|\bпридума\w+\b|\b(?:почему|зачем) (?:ты|вы|не)\b|\bне лучше ли\b|\bнужн\w+ ли\b",
        flags=re.IGNORECASE,
    ),
    checks=any_of(
        r"\b(?:убедись|убедитесь|перепроверь\w*)\b|\bпроверь\w* (?:ещё|еще|снова)\b",
        r"\b(?:ещё|еще) раз проверь",
        flags=re.IGNORECASE,
    ),
    reports=any_of(
        r"\b(?:всё ещё|все еще|не (?:работает|запускается|видно)|ошибк\w+|пада\w+|сломал\w+)\b",
        flags=re.IGNORECASE,
    ),
    first=any_of(
        r"\b(?:спроси\w*|подожди\w*|обсудим)\b|\bпрежде чем\b|\bперед тем как\b", flags=re.IGNORECASE
    ),
    handover=any_of(
        _HANDOVER + r"|\b(?:коммит\w*|закоммит\w*|пуш\w*|запуш\w*|смерж\w*|мерж\w*|ветк\w+|релиз\w*)\b",
        flags=re.IGNORECASE,
    ),
    corrections=any_of(
        r"\b(?:это )?не то,? что\b|\A\W*нет[,.!] \w|\bт?ы? ?(?:забыл\w*|пропустил\w*|проигнорировал\w*)\b",
        r"\bя (?:же |уже )?(?:сказал\w*|просил\w*|говорил\w*|имел\w* в виду)\b|\b(?:откати\w*|верни\w*)\b",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A\W*(?:я (?:смотрю|вижу|сейчас|пробую)|сейчас я)\b",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"\b(?:можешь|можете|мог бы|могли бы)\b|\bпожалуйста\b",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(
        r"(?:вы|ты) прав|верно|хорошее замечание|извини|прошу прощения|действительно", flags=re.IGNORECASE
    ),
)

CHINESE = LanguageWords(
    "Chinese",
    rules=any_of(
        r"不要|不准|不[许許]|禁止|切勿|千[万萬]|[请請]勿|别(?!的|人|处)|必[须須]|一律|以[后後]|今[后後]|避免",
        r"(?:请|請|要|应|應)(?:总是|總是|始终|始終|永远|永遠)|[从從][现現]在起",
    ),
    wishes=any_of(
        r"而不是|不是.{1,20}而是|[应應][该該]|不[应應]|不需要|[无無]需|改用|只用|最好|[优優]先|我希望|我不想"
    ),
    doubts=any_of(
        r"[确確]定[吗嗎]|你[确確]定|有[没沒]有必要|[为為]什[么麼](?:不|要|你|会|會)|[编編]造|不是更好"
    ),
    checks=any_of(r"再次?(?:[检檢]查|[确確][认認])|核[实實]|[确確]保|反[复復]"),
    reports=any_of(
        r"[还還]是|仍然|依然|[报報][错錯]|[错錯][误誤]|失[败敗]|不行|[没沒]有?[显顯反]|崩[溃潰]",
    ),
    first=any_of(r"先[问問]|[问問]我|之前先|等我|先[讨討][论論]|先不要|先别"),
    handover=any_of(_HANDOVER + r"|提交|推送|合[并併]|分支|[发發][布佈]|部署", flags=re.IGNORECASE),
    corrections=any_of(
        r"不是我(?:要|想|说|說)的|不是[这這][样樣]|(?:\A|[，。])不[对對][，。]|你(?:忘|漏|弄[坏壞])|我(?:说|說)[过過]|我的意思是|撤[销銷]|回[滚滾退]",
        r"恢[复復]",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"\A(?:我(?:正在|在看|看到|[刚剛])|[现現]在我)",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"能不能|可以|能否|[请請]|[帮幫]",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(r"[你您][说說]得[对對]|你是[对對]的|抱歉|[对對]不起|[确確][实實]|我的[错錯]|非常抱歉"),
)

JAPANESE = LanguageWords(
    "Japanese",
    rules=any_of(r"ないで|しないこと|するな|禁止|必ず|常に|絶対に|今後は|次回から|避けて"),
    wishes=any_of(
        r"ではなく|じゃなく|代わりに|べき|必要(?:は|が)?(?:な|あり)|だけ|のみ|ほうがいい|方がいい|てほしい|たくない"
    ),
    doubts=any_of(r"本当に|確かですか|なぜ|なんで|必要ですか|のでは(?:ないか|ないですか|\?|？)|勝手に"),
    checks=any_of(r"再確認|もう一度(?:確認|チェック|検証)|ちゃんと|念のため"),
    reports=any_of(
        r"まだ|エラー|失敗|動かな|動きません|表示されな|表示されません|変わらな|落ち",
    ),
    first=any_of(r"聞いて(?:から|ください)|質問して|する前に|待って|相談"),
    handover=any_of(
        _HANDOVER + r"|コミット|プッシュ|マージ|ブランチ|リリース|デプロイ|プルリク", flags=re.IGNORECASE
    ),
    corrections=any_of(
        r"そう(?:じゃ|では)ない|違います|(?:\A|。)違う|(?:\A|。)いいえ|忘れて(?:い|る)|と言いました|という意味|元に戻して|取り消して",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"(?:見て|試して|して|確認して)い(?:ます|る)(?:。|\Z)",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"(?:くれ|もらえ|いただけ|ください|下さい)",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(r"おっしゃる通り|その通り|ご指摘|申し訳|すみません|失礼|確かに"),
)

KOREAN = LanguageWords(
    "Korean",
    rules=any_of(
        r"하지 ?(?:마|말)|지 ?(?:마세요|마라|말고|말아)|금지|반드시|절대|앞으로|다음부터",
        r"항상[^.?!\n]{1,60}(?:세요|해줘|해라|하자)",
        r"무조건",
    ),
    wishes=any_of(
        r"말고|대신|아니라|해야 ?(?:해|합|한|돼|됩)|야 ?(?:돼|됩니다|합니다)|필요 ?(?:없|는)",
        r"만 (?:사용|수정|써)|좋겠|싶지 않",
    ),
    doubts=any_of(r"확실|정말|맞아\?|맞나요|맞습니까|왜 |지어낸|필요한가|필요해\?|낫지 않"),
    checks=any_of(r"다시 ?(?:한번 )?(?:확인|검토|점검)|꼭 확인|제대로"),
    reports=any_of(
        r"아직|여전히|에러|오류|실패|안 ?(?:돼|됩|되)|작동하지",
    ),
    first=any_of(r"물어봐|물어보|하기 전에|기다려|상의"),
    handover=any_of(_HANDOVER + r"|커밋|푸시|머지|병합|브랜치|릴리즈|릴리스|배포", flags=re.IGNORECASE),
    corrections=any_of(
        r"그게 아니|아니(?:요|라)?[,.!] |내가 말한|제가 말한|말씀드린|빠뜨|잊으|되돌려|원복|취소해",
        flags=re.IGNORECASE,
    ),
    progress=any_of(
        r"(?:보고|하고|테스트하고) 있(?:습니다|어요|어)|중(?:입니다|이에요)",
        flags=re.IGNORECASE,
    ),
    asks=any_of(
        r"(?:주세요|줘|줄래|주실|주시|해봐|하죠|합시다|할까요)",
        flags=re.IGNORECASE,
    ),
    concessions=any_of(r"맞습니다|맞아요|말씀이 맞|옳습니다|지적|죄송|좋은 지적|실수"),
)

LANGUAGES = (
    ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, RUSSIAN, CHINESE, JAPANESE, KOREAN
)  # fmt: skip

_LATIN = tuple(language for language in LANGUAGES if language.common)
_CLAUSE_END = re.compile(r"[,;:.!?]+\s+|\s+(?:and|then|und|et|y|e|и)\s+")
_PURPOSE = re.compile(r"\s(?:to|for|um|pour|para|per|чтобы)\s.*", re.DOTALL)
"""What a request is for, to the end of its clause."""
_FILLERS = word_set(
    "a an the just please ok okay now then also it this that these so can could you pls let us s"
)
_LETTERS = re.compile(r"[^\W\d_]+")
_SCRIPTS: tuple[tuple[LanguageWords, re.Pattern[str]], ...] = (
    (KOREAN, re.compile(r"[가-힣]")),
    (JAPANESE, re.compile(r"[぀-ヿ]")),
    (CHINESE, re.compile(r"[一-鿿]")),
    (RUSSIAN, re.compile(r"[Ѐ-ӿ]")),
)
"""By the script: kana tells Japanese from Chinese. A letter of these counts as much as a Latin word."""
_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)|`[^`\n]{1,200}`|https?://\S{1,500}|(?:[\w.-]+/)+[\w.-]+", re.DOTALL
)


_NUMBER = re.compile(r"(?<![\d.])\b\d+(?:,\d{3})*\b(?!\.\d)")
"""A number that counts something; a version such as 3.12 is a name."""


def without_numbers(words: str) -> str:
    """Return words with `0` for every whole number, so that words which differ only in one are equal.

    >>> without_numbers("write the report, step 16"), without_numbers("use python 3.12")
    ('write the report, step 0', 'use python 3.12')
    """
    return _NUMBER.sub("0", words)


def general_request(words: str) -> str:
    """Return a request to hand work over without what this one was for, so that all of its kind are equal.

    >>> general_request("just make a PR to fix it and reply to the discussion")
    'make pr, reply'
    """
    clauses = (_PURPOSE.sub("", clause) for clause in _CLAUSE_END.split(words.lower()))
    telling = (
        " ".join(word for word in _LETTERS.findall(clause) if word not in _FILLERS) for clause in clauses
    )
    return ", ".join(filter(None, telling))


def language_of_text(text: str) -> LanguageWords | None:
    """Return the language of a text; None if it has too few words to tell or is of an unknown one.

    >>> [language.name for text in ("Das ist nicht gut", "머지하죠") if (language := language_of_text(text))]
    ['German', 'Korean']
    """
    prose = _NOT_PROSE.sub(" ", text[:MAX_LANGUAGE_SAMPLE])
    words = Counter(_LETTERS.findall(prose.lower()))
    if not prose.isascii():
        latin = sum(count for word, count in words.items() if word[0] < "Ͱ")
        for language, letters in _SCRIPTS:
            if (found := len(letters.findall(prose))) and found >= latin:
                return language
    scores = [sum(words[word] for word in language.common) for language in _LATIN]
    best = max(scores)
    if not best or 10 * best < words.total():
        return None
    return _LATIN[scores.index(best)]
