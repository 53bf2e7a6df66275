"""Which names ask for a secret: `DB_PASSWORD` and `apiKey` do, `max_tokens` and `secretName` do not."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

from warmtui.curation.detect.values import words

Asks = Literal["password", "secret", "weak", "short"]
"""What values a name asks for.

`password`: any that is not a placeholder. `secret`: a token, so the value must look like a token. `weak`
(`key`, `auth`, `session`): only a random value. `short` (a PIN or one-time code): digits.
"""


class SecretName(NamedTuple):
    """What a name asks for: the kind of secret, and the values that it may have."""

    kind: str
    asks: Asks


KEYWORD = re.compile(
    r"p(?:ass(?:w|phrase|code|(?![a-z]))|wd|swd|sk|hrase|epper|in(?![a-z])|at(?![a-z])|w(?![a-z]))"
    r"|s(?:e(?:cret|ssion|nha)|ig(?:nature|(?![a-z]))|id(?![a-z])|torepass|essid)"
    r"|token|ke(?:y(?:s?(?![a-z])|data)|nnwort|ypass)|a(?:uth|ppid(?![a-z])|dminpw)"
    r"|c(?:red(?:ential|s?(?![a-z]))|ookie|ontrase)|b(?:earer|indpw)|jwt|m(?:nemonic|ot de passe)|hmac"
    r"|otp(?![a-z])|r(?:equirepass|oot(?:pass|pw))|user(?:pass|pw)|dbpass"
)
"""Where a name in lower-cased text may ask for a secret; `classify` decides about the whole name.

Alternatives share their first letters, which halves the time of a search."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-zà-ÿ]+|\d+")

_PASSWORD = words(
    """
    password passwd passwort passphrase passcode pwd pswd psswd pass pw psk kennwort contraseña
    contrasena senha userpass dbpass sshpass storepass keypass rootpass requirepass masterauth
    motdepasse parola wachtwoord lozinka haslo
    """
)
_SECRET = words(
    """
    secret secrets token apikey authkey authtoken accesstoken accesskey secretkey privatekey signingkey
    sharedkey accountkey sharedaccesskey masterkey clientsecret appsecret apitoken bottoken credential
    credentials creds jwt pat sas hmac pepper mnemonic presharedkey webhooksecret licensekey
    encryptionkey idtoken refreshtoken bearer csrf xsrf csrftoken xsrftoken appkey servicekey
    """
)
_WEAK = words(
    """
    key keys auth session sid cookie cookies signature sig sessionid sessid phpsessid
    jsessionid appid
    """
)
_SHORT = frozenset(("pin", "otp", "totp", "passcode"))

_PAT_OF = frozenset(("github", "gitlab", "azure", "ado", "access", "personal", "gh"))
_KEY_OF = words(
    """
    api secret access private auth encryption encrypt signing sign master account service license
    licence app application admin shared jwt hmac aes fernet cipher crypto storage server ingest
    integration subscription consumer age sops wg wireguard preshared gpg pgp deploy merchant webhook
    rest client unlock activation authentication data decryption decrypt root user project org
    organization live sandbox unseal azure instrumentation
    """
)
_KEY_NOT_OF = words(
    """
    public pub publishable primary foreign cache sort partition row group index dict map hash object
    bucket registry host idempotency dedupe translation message i18n lookup unique composite candidate
    natural surrogate range shard routing lock redis foreign json metadata config sorting ordering join
    hot short arrow enter escape function meta ctrl alt shift left right up down storage_path s3 label
    answer issue jira ticket project_key tab home end delete insert return space any press pressed next
    prev parent child node edge column field
    """
)
_TOKEN_NOT_OF = words(
    """
    max min num n total prompt completion input output cached reasoning eos bos pad unk unknown sep cls
    mask special stop next prev previous page pagination continuation continue cursor sync start end
    first last current_token new_tokens vocab sub word per avg mean image audio text context budget used
    remaining cancellation ct syntax unexpected count number lex lexer parser nonterminal reserved
    sentinel begin additional extra speculative draft ignore padding position
    """
)
_VERB = words(
    """
    is has have had no show hide toggle forgot forget require requires required use uses using enable
    enabled allow generate get fetch load read ask prompt check verify validate need needs without
    missing invalid bad wrong expired hash hashed
    """
)
_NOT_GIVEN = frozenset(("no", "forgot", "forget", "without", "missing", "require", "requires", "required"))
_ABOUT = words(
    """
    name names id ids type types file files filename path paths dir directory url uri endpoint host port
    user username length len size sizes count counts limit limits max min ttl expiry expires expiration
    expired timeout rotation policy policies hasher hashers field fields label hint prompt placeholder
    error errors message status state validator validators validation regex pattern format enabled
    required store manager provider providers ref refs reference arn version versions algorithm
    algorithms alg scheme mode method methods header headers prefix suffix index usage budget class
    template reset strength fingerprint hash hashes digest checksum created updated at in on off by for
    of usage info metadata config settings options option source sources service scope scopes permission
    permissions role roles lifetime duration age seconds minutes days ratio rate per cost price bytes
    bits encoding charset column columns table row schema owner group request response handler callback
    middleware guard router controller view page form input dialog modal button screen less list
    generator factory helper util utils test tests spec mock fixture ok valid bool flag mount mounts
    volume volumes namespace secretname location folder ring chain board word words map event events
    press code codes stroke board bindings binding pair usage audience issuer subject kind description
    title text example examples docs link links needed missing failed failure refresh_interval interval
    check checks changed exists found present set loaded length attempts retry retries
    """
)
_NEUTRAL = words(
    """
    value val prod production dev staging stage test live old new b64 base64 enc raw plain plaintext
    string str current previous default main env here data hex json literal base local primary secondary
    """
)
_FUSED = re.compile(
    r"(?:(?<=\w{3})pw|password|passwd|passphrase|apikey|secretkey|accesskey|authtoken|accesstoken|secret|token|passwort)\Z"
)


@lru_cache(maxsize=4096)
def classify(name: str) -> SecretName | None:
    """Return the kind of secret that a name asks for.

    Args:
        name: an identifier as written: `AWS_SECRET_ACCESS_KEY`, `spring.datasource.password`, `x-api-key`.

    Returns:
        The kind of secret and the values that it asks for; None for `token_type` or `public_key`.
    """
    parts = [word.lower() for word in _WORD.findall(name[-80:])]
    if parts[-2:] == ["secret", "id"]:
        return SecretName("secret-id", "weak")
    # `API_KEY_PROD_2` asks for what `API_KEY` asks for
    while len(parts) > 1 and (parts[-1].isdigit() or parts[-1] in _NEUTRAL):
        parts.pop()
    # `token_type` and `passwordField` say something about a secret
    if not parts or parts[-1] in _ABOUT:
        return None
    last, before = parts[-1], parts[:-1]
    if last in {"phrase", "words"} and before and before[-1] in {"seed", "recovery", "mnemonic"}:
        return SecretName("seed-phrase", "password")
    if last == "mnemonic":
        return SecretName("seed-phrase", "secret")
    # «forgot the password» gives none; in an identifier, `has_token` is a switch
    if " " in name:
        if not _NOT_GIVEN.isdisjoint(before):
            return None
    elif before and (before[-1] in _VERB or before[0] in _VERB):
        return None
    if last in _SHORT:
        return SecretName("passcode", "short") if len(parts) <= 3 else None
    if last in _PASSWORD or parts[-3:] == ["mot", "de", "passe"]:
        return SecretName("password", "password")
    if last in {"token", "tokens"}:
        return _token(last, before)
    if last in {"key", "keys"}:
        return _key(name, last, before)
    # `pat` is also short for pattern
    if last == "pat" and not (name.isupper() or _PAT_OF & set(before)):
        return SecretName("token", "weak") if not before else None
    if last in _SECRET:
        return SecretName(_kind_of(last, before), "secret")
    if last in _WEAK:
        return SecretName(_kind_of(last, before), "weak")
    fused = _FUSED.search(last)
    if fused:
        if fused.group() in {"pw", "password", "passwd", "passphrase", "passwort"}:
            return SecretName("password", "password")
        return SecretName(_kind_of(fused.group(), before), "secret")
    return None


def _token(last: str, before: list[str]) -> SecretName | None:
    if not _TOKEN_NOT_OF.isdisjoint(before):
        return None
    if last == "tokens" and not {"api", "auth", "access", "bearer", "refresh", "bot", "secret"} & set(before):
        return None
    return SecretName("token", "secret")


def _key(name: str, last: str, before: list[str]) -> SecretName | None:
    of = set(before)
    if " " in name and {"new", "my", "our"} & of and not _KEY_NOT_OF & of:
        return SecretName(_kind_of("key", before), "secret")
    if {"public", "pub", "publishable"} & of:
        return None
    if _KEY_OF & of:
        if "foreign" in of or "cache" in of or ("primary" in of and not {"master", "access", "shared"} & of):
            return None
        return SecretName(_kind_of("key", before), "secret")
    if _KEY_NOT_OF & of:
        return None
    return SecretName("key", "weak") if last == "key" else None


def _kind_of(last: str, before: list[str]) -> str:
    of = {*before, last}
    if {"aws", "secret"} <= of and {"key", "accesskey"} & of:
        return "aws-secret-access-key"
    if {"secret", "access"} <= of and "key" in of:
        return "aws-secret-access-key"
    if "privatekey" in of or {"private", "key"} <= of:
        return "private-key"
    if "apikey" in of or {"api", "key"} <= of:
        return "api-key"
    if last in {"cookie", "cookies", "session", "sid", "sessionid", "sessid", "phpsessid", "jsessionid"}:
        return "session-id"
    if last.endswith("token") or last in {"jwt", "bearer", "pat", "csrf", "xsrf"}:
        return "token"
    if last in {"signature", "sig", "sas"}:
        return "signature"
    if last == "key":
        return "secret-key"
    if last in {"credential", "credentials", "creds"}:
        return "credentials"
    return "auth" if last == "auth" else "secret"
