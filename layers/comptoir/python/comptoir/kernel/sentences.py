"""The French and English sentence of every pydantic error that a JSON request can cause."""

from __future__ import annotations

_OBJECT = ("Un objet est attendu.", "An object is expected.")
_LIST = ("Une liste est attendue.", "A list is expected.")
_WHOLE = ("Un nombre entier est attendu.", "A whole number is expected.")
_DECIMAL = (
    "Un nombre décimal est attendu (chaîne ou entier, point décimal).",
    "A decimal number is expected (string or whole number, with a decimal point).",
)
_BOOLEAN = ("Vrai ou faux est attendu (true ou false).", "True or false is expected.")
_DATE = ("Une date est attendue (AAAA-MM-JJ).", "A date is expected (YYYY-MM-DD).")
_DATETIME = (
    "Une date et une heure sont attendues (AAAA-MM-JJThh:mm:ssZ).",
    "A date and time are expected (YYYY-MM-DDThh:mm:ssZ).",
)
_TIME = ("Une heure est attendue (hh:mm:ss).", "A time is expected (hh:mm:ss).")
_DURATION = ("Une durée est attendue (ISO 8601).", "A duration is expected (ISO 8601).")
_CHOICE = ("Valeur hors liste ; attendu : {expected}.", "Value not in the list; expected: {expected}.")
_JSON = ("Le contenu n'est pas un JSON valide.", "The content is not valid JSON.")
_UUID = ("Un UUID est attendu.", "A UUID is expected.")
_URL = ("Une adresse web est attendue.", "A web address is expected.")
_VARIANT = ("Le type de l'objet est absent ou inconnu.", "The object's type is missing or unknown.")

SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("Champ obligatoire.", "This field is required."),
    "extra_forbidden": ("Champ inconnu.", "Unknown field."),
    "invalid_key": ("Nom de champ invalide.", "Invalid field name."),
    "none_required": ("Ce champ doit rester vide.", "This field must stay empty."),
    "json_invalid": _JSON,
    "json_type": _JSON,
    "recursion_loop": ("L'objet se contient lui-même.", "The object contains itself."),
    "recursion_depth_exceeded": ("L'objet est trop profond.", "The object is nested too deeply."),
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "set_item_not_hashable": ("Élément de liste invalide.", "Invalid list element."),
    "too_short": (
        "Au moins {min_length} élément{plural} attendu{plural} ; reçu : {actual_length}.",
        "At least {min_length} element{plural} expected; got {actual_length}.",
    ),
    "too_long": (
        "Au plus {max_length} élément{plural} attendu{plural} ; reçu : {actual_length}.",
        "At most {max_length} element{plural} expected; got {actual_length}.",
    ),
    "string_type": ("Un texte est attendu.", "A text is expected."),
    "string_unicode": ("Le texte contient des caractères invalides.", "The text holds invalid characters."),
    "string_not_ascii": ("Seules les lettres sans accent sont admises.", "Only unaccented characters are allowed."),
    "string_too_short": (
        "Au moins {min_length} caractère{plural} attendu{plural}.",
        "At least {min_length} character{plural} expected.",
    ),
    "string_too_long": (
        "Au plus {max_length} caractère{plural} admis.",
        "At most {max_length} character{plural} allowed.",
    ),
    "string_pattern_mismatch": ("Format inattendu ({pattern}).", "Unexpected format ({pattern})."),
    "enum": _CHOICE,
    "literal_error": _CHOICE,
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": ("Nombre trop grand.", "The number is too large."),
    "int_from_float": _WHOLE,
    "float_type": ("Un nombre est attendu.", "A number is expected."),
    "float_parsing": ("Un nombre est attendu.", "A number is expected."),
    "finite_number": ("Un nombre fini est attendu.", "A finite number is expected."),
    "decimal_type": _DECIMAL,
    "decimal_parsing": _DECIMAL,
    "decimal_max_digits": (
        "Au plus {max_digits} chiffre{plural} en tout.",
        "At most {max_digits} digit{plural} in all.",
    ),
    "decimal_max_places": ("Au plus {decimal_places} décimale{plural}.", "At most {decimal_places} decimal{plural}."),
    "decimal_whole_digits": (
        "Au plus {whole_digits} chiffre{plural} avant la virgule.",
        "At most {whole_digits} digit{plural} before the decimal point.",
    ),
    "greater_than": ("Doit être supérieur à {gt}.", "Must be greater than {gt}."),
    "greater_than_equal": ("Doit être supérieur ou égal à {ge}.", "Must be at least {ge}."),
    "less_than": ("Doit être inférieur à {lt}.", "Must be less than {lt}."),
    "less_than_equal": ("Doit être inférieur ou égal à {le}.", "Must be at most {le}."),
    "multiple_of": ("Doit être un multiple de {multiple_of}.", "Must be a multiple of {multiple_of}."),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": ("Une date sans heure est attendue.", "A date without a time is expected."),
    "date_past": ("La date doit être passée.", "The date must be in the past."),
    "date_future": ("La date doit être à venir.", "The date must be in the future."),
    "datetime_type": _DATETIME,
    "datetime_parsing": _DATETIME,
    "datetime_object_invalid": _DATETIME,
    "datetime_from_date_parsing": _DATETIME,
    "datetime_past": ("L'instant doit être passé.", "The instant must be in the past."),
    "datetime_future": ("L'instant doit être à venir.", "The instant must be in the future."),
    "timezone_aware": ("Le fuseau horaire est requis.", "The time zone is required."),
    "timezone_naive": ("Aucun fuseau horaire n'est admis.", "No time zone is allowed."),
    "timezone_offset": ("Fuseau horaire inattendu.", "Unexpected time zone."),
    "time_type": _TIME,
    "time_parsing": _TIME,
    "time_delta_type": _DURATION,
    "time_delta_parsing": _DURATION,
    "bytes_type": ("Un contenu binaire est attendu.", "Binary content is expected."),
    "bytes_too_short": (
        "Au moins {min_length} octet{plural} attendu{plural}.",
        "At least {min_length} byte{plural} expected.",
    ),
    "bytes_too_long": ("Au plus {max_length} octet{plural} admis.", "At most {max_length} byte{plural} allowed."),
    "bytes_invalid_encoding": ("Le contenu n'est pas en base64.", "The content is not base64."),
    "union_tag_invalid": _VARIANT,
    "union_tag_not_found": _VARIANT,
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "uuid_version": _UUID,
    "url_type": _URL,
    "url_parsing": _URL,
    "url_syntax_violation": _URL,
    "url_too_long": ("Adresse web trop longue ({max_length}).", "The web address is too long ({max_length})."),
    "url_scheme": ("Adresse web attendue en {expected_schemes}.", "Web address expected in {expected_schemes}."),
    "value_error": ("Valeur refusée : {error}.", "Value refused: {error}."),
    "assertion_error": ("Valeur refusée : {error}.", "Value refused: {error}."),
}
