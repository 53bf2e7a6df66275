"""The commonest forms of "ignore previous instructions" in other languages."""

from __future__ import annotations

from warmtui.curation.detect.instructions.flags import GAP, instruction
from warmtui.curation.detect.rule import Rule


def _pattern(verb: str, words: str, noun: str, later: str = "") -> str:
    """Return a pattern of a verb and a noun with some words between; one of `later` must follow if given."""
    middle = rf"(?:{GAP}(?:{words})\b){{0,6}}?"
    end = rf"(?:{GAP}(?:{words})\b){{0,2}}?{GAP}(?:{later})\b" if later else r"\b"
    return rf"\b(?:{verb}){middle}{GAP}(?:{noun}){end}"


_FR_NOUN = r"instructions|consignes|directives|règles|ordres|commandes"
_ES_NOUN = r"instrucciones|órdenes|reglas|indicaciones|directrices"
_PT_NOUN = r"instruções|ordens|regras|orientações|diretrizes|comandos"
_IT_NOUN = r"istruzioni|regole|direttive|comandi|indicazioni"

RULES: tuple[Rule, ...] = tuple(
    instruction("ignore-instructions", pattern, any_of, and_any_of)
    for pattern, any_of, and_any_of in (
        (
            _pattern(
                r"ignorier(?:e|en sie|t)?|vergiss|vergessen sie|missachten?(?: sie)?|befolgen? nicht",
                r"bitte|alle|allen|jegliche|sämtliche|die|deine|ihre|meine|diese|aller|oben|genannten",
                r"(?:vorherigen|vorherige|bisherigen|bisherige|obigen|obige|vorigen|früheren|frühere|"
                rf"vorangegangenen|vorhergehenden|vorstehenden|ursprünglichen){GAP}(?:anweisungen|"
                r"instruktionen|befehle|regeln|vorgaben|aufforderungen|anordnungen|prompts)",
            ),
            "ignoriere ignorier ignorieren ignoriert vergiss vergessen missachte missachten befolge befolgen",
            "anweisungen instruktionen befehle regeln vorgaben aufforderungen anordnungen prompts",
        ),
        (
            _pattern(
                r"ignore[zr]?|oublie[zr]?|ne (?:tiens|tenez) (?:pas|aucun) compte|fai(?:s|tes) abstraction",
                r"toutes?|tous|les|des|tes|vos|de|ces|mes|l'ensemble|instructions|et",
                _FR_NOUN,
                r"précédente?s?|antérieure?s?|ci-dessus|préalables|initiales|données|reçues|plus haut",
            ),
            "ignore ignorez ignorer oublie oubliez oublier compte abstraction",
            "precedente precedent anterieur anterieure ci-dessus prealable initiale donnees recues haut",
        ),
        (
            _pattern(
                r"ignor(?:a|e|ad|en|ar)|olvid(?:a|e|ad|en)|haz caso omiso(?: de)?|haga caso omiso(?: de)?|"
                r"descarta|omite",
                r"todas|todos|las|los|tus|sus|de|estas|mis",
                _ES_NOUN,
                r"anteriores|previas|previos|precedentes|de arriba|dadas|recibidas|originales",
            ),
            "ignora ignore ignorad ignoren ignorar olvida olvide olvidad olviden omiso descarta omite",
            "instrucciones ordenes reglas indicaciones directrices",
        ),
        (
            _pattern(
                r"ignor(?:e|a|em|ar)|esque(?:ça|ce|çam)|desconsider(?:e|a|em)",
                r"todas|todos|as|os|tuas|suas|das|de|estas|minhas",
                _PT_NOUN,
                r"anteriores|prévias|precedentes|acima|dadas|recebidas|originais",
            ),
            "ignora ignore ignorem ignorar esqueca esquece esquecam desconsidere desconsidera desconsiderem",
            "instrucoes ordens regras orientacoes diretrizes comandos",
        ),
        (
            _pattern(
                r"ignor(?:a|ate|i|are)|dimentica(?:te|re)?|trascura",
                r"tutte|tutti|le|gli|i|tue|vostre|di|queste",
                _IT_NOUN,
                r"precedenti|sopra|qui sopra|iniziali|date|ricevute",
            ),
            "ignora ignorate ignori ignorare dimentica dimenticate dimenticare trascura",
            "istruzioni regole direttive comandi indicazioni",
        ),
        (
            rf"\b(?:(?:про)?игнорируй(?:те)?|забудь(?:те)?|не обращай(?:те)? внимания на)(?:{GAP}(?:все|всё|"
            rf"всех|обо|о|про|свои|ваши|твои|мои|данные|эти|системные)\b){{0,4}}?{GAP}(?:(?:предыдущи|"
            r"прежни|прошлы|вышеуказанны|вышеизложенны|ранее данны|"
            rf"предшествующи)\w{{1,3}}{GAP}(?:\w{{1,12}} ){{0,1}}"
            r"(?:инструкци|указани|правил|команд|промпт)|(?:инструкци|указани|правил|команд)\w{0,3} (?:выше|"
            r"ранее|до этого))",
            "игнорируй забудь внимания",
            "инструкци указани правил команд промпт",
        ),
        (
            r"(?:忽略|忽視|忽视|无视|無視|忘记|忘掉|忘記|不要理会|不要遵守|不要遵循).{0,8}?(?:之前|以前|先前|上面|以上|前面|此前|上述|所有|全部|系统|"
            r"系統).{0,8}?(?:指令|指示|说明|說明|规则|規則|提示|命令|要求)",
            "忽略 忽視 忽视 无视 無視 忘记 忘掉 忘記 不要",
            "指令 指示 说明 說明 规则 規則 提示 命令 要求",
        ),
        (
            r"(?:以前|これまで|今まで|上記|前|先|すべて|全て|全部|元).{0,8}?(?:指示|命令|ルール|指令|プロンプト|規則).{0,8}?(?:無視|忘れ|従わない|従うな)",
            "無視 忘れ 従わ 従う",
            "指示 命令 ルール 指令 プロンプト 規則",
        ),
        (
            r"(?:이전|위의|앞의|앞선|모든|기존).{0,10}?(?:지시|명령|규칙|프롬프트|지침).{0,8}?(?:무시|잊)",
            "무시 잊",
            "지시 명령 규칙 프롬프트 지침",
        ),
    )
)
