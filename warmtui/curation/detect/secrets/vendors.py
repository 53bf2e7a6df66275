# ruff: noqa: E501 - a pattern is read and compared best on one line
"""Tokens that a vendor's format gives away, wherever they are.

Lengths are the vendors' own where they are published or were measured on issued tokens (the rule collections of
gitleaks and detect-secrets, the vendors' secret-scanning pages). A longer run of the same alphabet is taken
whole, so that nothing of a token is left over. Checksums (GitHub, npm) are not verified: a damaged token is
still most of a secret.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from warmtui.curation.detect.rule import VENDOR, Check, Rule, RuleTable, Span
from warmtui.curation.detect.values import at_left_edge, is_filler


def _begins_token(match: re.Match[str]) -> bool:
    return at_left_edge(match.string, match.start())


def _token(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Return the place of a token, unless it is a filler (`ghp_xxxx…`) or a documented example."""
    token = match.group().rstrip(".-")
    return None if is_filler(token) else (match.start(), match.start() + len(token))


def _rule(kind: str, hints: tuple[str, ...], pattern: str, *, check: Check | None = None) -> Rule:
    return Rule(
        name=kind,
        pattern=pattern,
        hints=frozenset(hints),
        kind=kind,
        rank=VENDOR,
        raw=True,
        flags=re.ASCII,
        check=check,
        extent=_token,
    )


_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

_PREFIXED = tuple(_rule(*row) for row in (
    # Source control and packages
    ("github-token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{30,255}"),
    ("github-token", ("github_pat_",), r"github_pat_\w{40,255}"),
    (
        "gitlab-token",
        ("glpat-", "gldt-", "glrt-", "glptt-", "glft-", "glsoat-", "glcbt-", "glimt-", "glagent-", "gloas-", "glffct-"),
        r"gl(?:pat|dt|rtr?|ptt|ft|soat|cbt|imt|agent|oas|ffct)-[\w-]{18,300}(?:\.[\w-]{2,40}){0,3}",
    ),
    ("gitlab-token", ("GR1348941",), r"GR1348941[\w-]{20,64}"),
    ("bitbucket-token", ("ATBB", "ATCTT3"), r"(?:ATBB[A-Za-z0-9]{24,64}|ATCTT3xFfG[\w=-]{50,300})"),
    ("atlassian-token", ("ATATT3", "ATOA"), r"(?:ATATT3[\w=-]{50,400}|ATOA[\w=-]{60,400})"),
    ("npm-token", ("npm_",), r"npm_[A-Za-z0-9]{30,255}"),
    ("pypi-token", ("pypi-Ag",), r"pypi-Ag[\w-]{40,1000}"),
    ("rubygems-token", ("rubygems_",), r"rubygems_[0-9a-f]{40,64}"),
    ("nuget-key", ("oy2",), r"oy2[a-z0-9]{43}"),
    ("crates-token", ("cio",), r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    ("clojars-token", ("CLOJARS_",), r"CLOJARS_[a-z0-9]{50,64}"),
    ("docker-token", ("dckr_",), r"dckr_[po]at_[\w-]{20,64}"),
    ("sourcegraph-token", ("sgp_",), r"sgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}"),
    ("circleci-token", ("CCIPAT_", "CCIPRJ_"), r"CCIP(?:AT|RJ)_[A-Za-z0-9]{20,24}_[0-9a-f]{40}"),
    ("buildkite-token", ("bkua_", "bkct_", "bkaj_"), r"bk(?:ua|ct|aj)_[A-Za-z0-9]{36,255}"),
    ("sonarqube-token", ("squ_", "sqp_", "sqa_"), r"sq[upa]_[0-9a-f]{40}"),
    ("codecov-token", ("codecov_",), r"codecov_[a-z]{2,10}_[A-Za-z0-9]{32,64}"),
    # Clouds
    (
        "aws-access-key-id",
        ("AKIA", "ASIA", "ABIA", "ACCA", "A3T"),
        r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])",
    ),
    ("google-api-key", ("AIza",), r"AIza[\w-]{33,64}"),
    ("google-oauth-token", ("ya29.",), r"ya29\.[\w.-]{20,2000}"),
    ("google-oauth-secret", ("GOCSPX-",), r"GOCSPX-[\w-]{20,64}"),
    ("digitalocean-token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"do[por]_v1_[0-9a-f]{40,80}"),
    ("alibaba-access-key-id", ("LTAI",), r"LTAI[A-Za-z0-9]{12,24}(?![A-Za-z0-9])"),
    ("tencent-secret-id", ("AKID",), r"AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    ("yandex-token", ("AQVN", "y0_A", "t1."), r"(?:AQVN[\w-]{35,40}|y0_A[\w-]{50,80}|t1\.[A-Z0-9a-z_-]{5,400}={0,2}\.[A-Za-z0-9_-]{86}={0,2})"),
    ("heroku-key", ("HRKU-",), r"HRKU-[\w-]{30,80}"),
    ("netlify-token", ("nfp_",), r"nfp_[A-Za-z0-9]{36,64}"),
    ("vercel-token", ("vercel_blob_", "vcp_", "vci_", "vca_", "vcr_", "vck_"), r"(?:vercel_blob_rw_\w{20,100}|vc[piark]_[A-Za-z0-9]{40,80})"),
    ("cloudflare-key", ("v1.0-",), r"v1\.0-[0-9a-f]{24}-[0-9a-f]{146}"),
    ("render-key", ("rnd_",), r"rnd_[A-Za-z0-9]{28,64}"),
    ("supabase-key", ("sbp_", "sb_secret_"), r"(?:sbp_(?:v0_)?[0-9a-f]{40}|sb_secret_[\w-]{20,64})"),
    ("neon-key", ("napi_",), r"napi_[a-z0-9]{50,80}"),
    ("planetscale-token", ("pscale_",), r"pscale_(?:tkn|pw|oauth)_[\w=.-]{30,80}"),
    ("databricks-token", ("dapi", "dose", "dkea"), r"(?:dapi|dose|dkea)[0-9a-f]{32}(?:-\d)?"),
    ("openshift-token", ("sha256~",), r"sha256~[\w-]{43}"),
    ("scaleway-key", ("SCW",), r"SCW[A-Z0-9]{17}(?![A-Za-z0-9])"),
    # Keys of infrastructure
    ("age-secret-key", ("AGE-SECRET-KEY-", "AGE-PLUGIN-"), r"AGE-(?:SECRET-KEY-(?:PQ-)?1|PLUGIN-[A-Z0-9]{1,20}-1)[0-9A-Z]{40,2000}"),
    ("vault-token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{20,300}"),
    ("vault-token", ("s.",), r"s\.(?=[A-Za-z]{0,23}\d)[A-Za-z0-9]{24}(?![\w.])"),
    ("pulumi-token", ("pul-",), r"pul-[0-9a-f]{40}"),
    ("doppler-token", ("dp.",), r"dp\.(?:ct|pt|st|sa|scim|audit)(?:\.[a-z0-9_-]{2,35})?\.[A-Za-z0-9]{40,44}"),
    ("tailscale-key", ("tskey-",), r"tskey-[a-z]{2,12}-[A-Za-z0-9]{6,40}(?:-[A-Za-z0-9]{10,64})?"),
    ("infracost-key", ("ico-",), r"ico-[A-Za-z0-9]{32}"),
    ("dynatrace-token", ("dt0",), r"dt0[a-z]\d\d\.[A-Z0-9]{8,24}\.[A-Z0-9]{64}"),
    ("octopus-key", ("API-",), r"API-[A-Z0-9]{26,32}(?![A-Za-z0-9])"),
    ("launchdarkly-key", ("sdk-",), r"sdk-" + _UUID),
    # Models
    ("anthropic-key", ("sk-ant-",), r"sk-ant-[\w-]{20,300}"),
    ("openai-key", ("sk-",), r"sk-[\w-]{10,120}T3BlbkFJ[\w-]{10,120}"),
    ("openai-key", ("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"), r"sk-(?:proj|svcacct|admin|None)-[\w-]{20,300}"),
    ("openrouter-key", ("sk-or-",), r"sk-or-(?:v\d-)?[0-9a-f]{40,80}"),
    ("langfuse-key", ("sk-lf-",), r"sk-lf-" + _UUID),
    ("model-api-key", ("sk-",), r"sk-[A-Za-z0-9]{32,128}(?![A-Za-z0-9])"),
    ("model-api-key", ("csk-",), r"csk-[a-z0-9]{40,64}"),
    ("huggingface-token", ("hf_", "api_org_"), r"(?:hf|api_org)_[A-Za-z0-9]{30,64}"),
    ("groq-key", ("gsk_",), r"gsk_[A-Za-z0-9]{40,64}"),
    ("xai-key", ("xai-",), r"xai-[A-Za-z0-9]{60,120}"),
    ("perplexity-key", ("pplx-",), r"pplx-[A-Za-z0-9]{40,64}"),
    ("replicate-token", ("r8_",), r"r8_[A-Za-z0-9]{37,40}"),
    ("nvidia-key", ("nvapi-",), r"nvapi-[\w-]{50,80}"),
    ("together-key", ("tgp_v1_",), r"tgp_v1_[\w-]{40,64}"),
    ("fireworks-key", ("fw_",), r"fw_[A-Za-z0-9]{22,24}(?![A-Za-z0-9])"),
    ("langsmith-key", ("lsv2_",), r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}"),
    ("pinecone-key", ("pcsk_",), r"pcsk_\w{40,80}"),
    ("tavily-key", ("tvly-",), r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{28,64}"),
    ("firecrawl-key", ("fc-",), r"fc-[0-9a-f]{32}(?![0-9a-f])"),
    ("jina-key", ("jina_",), r"jina_[\w-]{50,80}"),
    ("elevenlabs-key", ("sk_",), r"sk_[0-9a-f]{48}(?![0-9a-f])"),
    ("e2b-key", ("e2b_",), r"e2b_[0-9a-f]{40}"),
    ("voyage-key", ("pa-",), r"pa-[\w-]{42,48}(?![\w-])"),
    ("wandb-key", ("wandb_v1_",), r"wandb_v1_\w{60,120}"),
    # Messaging and mail
    ("slack-token", ("xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xoxo-", "xoxe", "xoxc-", "xoxd-"), r"xox(?:[abprsocd]|e(?:\.xox[bp])?)-[\w%./+-]{12,400}"),
    ("slack-token", ("xapp-", "xwfp-"), r"x(?:app|wfp)-\d-[\w-]{20,400}"),
    ("sendgrid-key", ("SG.",), r"SG\.[\w-]{16,32}\.[\w-]{30,64}"),
    ("mailgun-key", ("key-",), r"key-[0-9a-f]{32}(?![0-9a-f])"),
    ("brevo-key", ("xkeysib-", "xsmtpsib-"), r"x(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}"),
    ("resend-key", ("re_",), r"re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30}(?![A-Za-z0-9_])"),
    ("twilio-key", ("SK",), r"SK[0-9a-f]{32}(?![0-9a-f])"),
    # Money and shops
    ("stripe-key", ("sk_live_", "sk_test_", "rk_live_", "rk_test_", "sk_prod_", "rk_prod_"), r"[sr]k_(?:live|test|prod)_\w{10,255}"),
    ("square-token", ("sq0", "EAAA"), r"(?:sq0(?:atp|csp|idp)-[\w-]{22,64}|EAAA[\w-]{56,64})"),
    ("shopify-token", ("shp",), r"shp(?:at|ca|pa|ss|ua|tka)_[0-9A-Fa-f]{32,64}"),
    ("shippo-token", ("shippo_",), r"shippo_(?:live|test)_[0-9a-f]{40}"),
    ("easypost-key", ("EZAK", "EZTK"), r"EZ[AT]K[A-Za-z0-9]{54}"),
    ("plaid-token", ("access-sandbox-", "access-development-", "access-production-"), r"access-(?:sandbox|development|production)-" + _UUID),
    ("razorpay-key", ("rzp_",), r"rzp_(?:live|test)_[A-Za-z0-9]{14,24}"),
    ("duffel-token", ("duffel_",), r"duffel_(?:test|live)_[\w=-]{40,64}"),
    ("lob-key", ("live_", "test_"), r"(?:live|test)_[0-9a-f]{35}(?![0-9a-f])"),
    # Everything else
    ("airtable-token", ("pat",), r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    ("figma-token", ("figd_", "figu_", "figo_"), r"fig[duo]_[\w-]{36,64}"),
    ("linear-key", ("lin_api_", "lin_oauth_", "lin_wh_"), r"lin_(?:api|oauth|wh)_[A-Za-z0-9]{32,80}"),
    ("notion-token", ("ntn_", "secret_"), r"(?:ntn_[A-Za-z0-9]{40,64}|secret_[A-Za-z0-9]{43})(?![A-Za-z0-9])"),
    ("hubspot-token", ("pat-",), r"pat-(?:na|eu|ap)\d-" + _UUID),
    ("postman-key", ("PMAK-",), r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    ("readme-key", ("rdme_",), r"rdme_[a-z0-9]{64,80}"),
    ("typeform-token", ("tfp_",), r"tfp_[\w.=-]{40,80}"),
    ("contentful-token", ("CFPAT-",), r"CFPAT-[\w-]{40,64}"),
    ("prefect-key", ("pnu_", "pnb_"), r"pn[ub]_[A-Za-z0-9]{36}"),
    ("adafruit-key", ("aio_",), r"aio_[A-Za-z0-9]{28}"),
    ("dropbox-token", ("sl.",), r"sl\.(?:u\.)?[\w-]{60,2000}"),
    ("facebook-token", ("EAA",), r"EAA[A-Za-z0-9]{60,400}"),
    ("mapbox-token", ("sk.eyJ",), r"sk\.eyJ[\w-]{40,400}\.[\w-]{16,64}"),
    ("frameio-token", ("fio-u-",), r"fio-u-[\w=-]{60,70}"),
    ("cypress-key", ("cypress_",), r"cypress_[A-Za-z0-9]{32,64}"),
    ("posthog-key", ("phx_", "phs_"), r"ph[xs]_[A-Za-z0-9]{40,64}"),
    ("nostr-secret-key", ("nsec1",), r"nsec1[02-9ac-hj-np-z]{58}"),
    # Tokens in base64, where the prefix is part of the encoding
    ("artifactory-token", ("AKCp", "cmVmdGtu"), r"(?:AKCp[A-Za-z0-9]{64,80}|cmVmdGtu[A-Za-z0-9]{50,64})"),
    ("aws-session-token", ("IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz"), r"(?:IQoJb3JpZ2lu|F[wQ]oGZXIvYXdz)[A-Za-z0-9/+=]{60,4000}"),
    ("aws-bedrock-key", ("ABSK", "bedrock-api-key-"), r"(?:ABSK[A-Za-z0-9+/=]{100,400}|bedrock-api-key-[A-Za-z0-9+/=]{30,2000})"),
    ("firebase-key", ("AAAA",), r"AAAA[\w-]{7}:[\w-]{140}"),
    ("fly-token", ("fo1_", "fm1_", "fm1a_", "fm1r_", "fm2_"), r"(?:fo1_[\w-]{40,64}|fm(?:1[ar]?|2)_[A-Za-z0-9+/=,]{60,2000})"),
    ("onepassword-token", ("ops_eyJ", "A3-"), r"(?:ops_eyJ[A-Za-z0-9+/=_-]{100,2000}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5})"),
    ("grafana-token", ("glsa_", "glc_", "eyJrIjoi"), r"(?:glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2}|eyJrIjoi[A-Za-z0-9+/]{60,400}={0,2})"),
    ("newrelic-key", ("NRAK-", "NRII-", "NRRA-", "NRSP-", "NRAA-", "NRJS-"), r"NR(?:AK|II|RA|SP|AA|JS)-[A-Za-z0-9_-]{19,64}"),
    ("sentry-token", ("sntrys_", "sntryu_"), r"sntry[su]_[A-Za-z0-9+/=_-]{60,400}"),
    ("discord-bot-token", ("M", "N", "O"), r"[MNO][\w-]{23,27}\.[\w-]{6,7}\.[\w-]{27,40}(?![\w-])"),
    ("intercom-token", ("dG9rO",), r"dG9rO[A-Za-z0-9+/]{40,80}={0,2}"),
    ("webhook-secret", ("whsec_",), r"whsec_[A-Za-z0-9+/=]{24,100}"),
    ("flutterwave-key", ("FLWSECK",), r"FLWSECK(?:_TEST)?-[A-Za-z0-9]{12,64}(?:-X)?"),
    ("adyen-key", ("AQE",), r"AQE[a-z][\w+/=-]{60,400}"),
    ("extended-private-key", ("xprv", "yprv", "zprv", "tprv"), r"[xyzt]prv[1-9A-HJ-NP-Za-km-z]{100,112}"),
))  # fmt: skip
"""Tokens that begin with a hint."""

_ANYWHERE = RuleTable(_rule(*row, check=_begins_token) for row in (
    ("google-refresh-token", ("1//0",), r"1//0[\w-]{30,400}"),
    ("google-auth-code", ("4/0A",), r"4/0A[\w-]{30,400}"),
    ("firebase-key", (":APA91",), r"[\w-]{11,40}:APA91[\w-]{100,300}"),
    ("azure-client-secret", ("Q~",), r"[\w.-]{3}[0-9]Q~[\w.~-]{31,36}"),
    ("azure-devops-token", ("AZDO",), r"[A-Za-z0-9]{40,80}AZDO[A-Za-z0-9]{4}"),
    ("azure-api-key", ("JQQJ99",), r"[A-Za-z0-9]{40,60}JQQJ99[A-Za-z0-9]{20,30}"),
    ("terraform-token", (".atlasv1.",), r"[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{50,80}"),
    ("pagerduty-token", ("pdus+",), r"pdus\+[\w+/-]{20,64}"),
    ("kubeadm-token", ("kubeadm",), r"(?<=--token )[a-z0-9]{6}\.[a-z0-9]{16}(?![a-z0-9])"),
    ("telegram-bot-token", (":AA",), r"\d{8,10}:AA[\w-]{32,34}(?![\w-])"),
    ("mailchimp-key", ("-us",), r"[0-9a-f]{32}-us\d{1,2}(?!\d)"),
    ("paypal-token", ("access_token$",), r"access_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}"),
    ("asana-token", ("0/", "1/"), r"[01]/(?:[0-9]{12,20}[:/])?[0-9a-f]{32}(?![0-9a-f])"),
    ("newrelic-key", ("NRAL",), r"[0-9a-f]{32,36}(?:FFFF)?NRAL"),
))  # fmt: skip
"""Tokens that hold a hint, or have it near them."""

_ALPHABET = string.ascii_letters + string.digits + "_-"
_RUN = re.compile(r"\b[\w.-]{10,}", re.ASCII)
_COLOUR = re.compile(r"\d{0,3}m")


def _by_beginning() -> dict[str, list[tuple[str, Rule]]]:
    """Index prefixes, with their rules, by their first two characters."""
    index: dict[str, list[tuple[str, Rule]]] = {}
    for rule in _PREFIXED:
        for prefix in rule.hints:
            for second in prefix[1:2] or _ALPHABET:
                index.setdefault(prefix[0] + second, []).append((prefix, rule))
    return index


_BY_BEGINNING = _by_beginning()


def find(text: str) -> Iterator[Span]:
    """Yield the tokens whose format some vendor made recognisable, in no order."""
    for run in _RUN.finditer(text):
        start = _after_escape(text, run.start())
        # two characters rule out nearly every run before any pattern is tried
        for prefix, rule in _BY_BEGINNING.get(text[start : start + 2], ()):
            if text.startswith(prefix, start) and (match := rule.regex.match(text, start)):
                place = _token(text, match)
                if place is not None:
                    yield Span(*place, rule.kind, rule.name, VENDOR)
    yield from _ANYWHERE.scan(text, text)


def _after_escape(text: str, start: int) -> int:
    r"""Skip the letter of an escape before a word: of `\n` in JSON, of `%3D` in a URL, of a colour code."""
    before = text[start - 1 : start]
    if before == "\\" and text[start] in "nrtbf":
        return start + 1
    if before == "%":
        return start + 2
    if before in {"[", ";"} and (colour := _COLOUR.match(text, start)):
        return colour.end()
    return start
