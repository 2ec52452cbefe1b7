"""Where codings may go: an operator names hosts and networks, and nothing else is ever connected to.

A host is allowed by its name, an address that is written as numbers by its network. A name is never looked up
to see whether its numbers are allowed: what it means could change between the look and the connection.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from service.errors import Unprocessable

_LONGEST = 500
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


class Kind(StrEnum):
    HL7_MLLP = "hl7_mllp"
    HL7_HTTP = "hl7_http"
    FHIR = "fhir"
    WEBHOOK = "webhook"


_SCHEMES = {
    Kind.HL7_MLLP: ("mllp", "mllps"),
    Kind.HL7_HTTP: ("https", "http"),
    Kind.FHIR: ("https", "http"),
    Kind.WEBHOOK: ("https", "http"),
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What AUTOCODER_OUTGOING_ALLOWED names."""

    hosts: frozenset[str]
    networks: Sequence[str]

    @classmethod
    def parse(cls, written: str) -> "Allowed":
        """
        Raises:
            ValueError: with the entry that is neither a host nor a network.
        """
        hosts, networks = set(), []
        for entry in filter(None, (one.strip().lower() for one in written.split(","))):
            if _is_network(entry):
                networks.append(entry)
            elif _HOST.fullmatch(entry):
                hosts.add(entry)
            else:
                raise ValueError(f"{entry!r} is neither a host nor a network such as 10.20.0.0/16")
        return cls(frozenset(hosts), tuple(networks))

    def lets(self, host: str) -> bool:
        try:
            number = ip_address(host)
        except ValueError:
            return host in self.hosts
        return any(number in ip_network(one) for one in self.networks)


def _is_network(entry: str) -> bool:
    try:
        ip_network(entry)
    except ValueError:
        return False
    return True


def checked_address(kind: Kind, written: str, allowed: Allowed) -> SplitResult:
    """
    Raises:
        Unprocessable: it is no address of this kind, or not one that the operator allowed.
    """
    parts = _parts(written)
    if parts.scheme not in _SCHEMES[kind]:
        example = f"{_SCHEMES[kind][0]}://host:port"
        raise Unprocessable(f"the address must be like {example}")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise Unprocessable("an address has no user, no query and no fragment; give a secret as the secret")
    if kind is Kind.HL7_MLLP and (parts.port is None or parts.path not in ("", "/")):
        raise Unprocessable("the address must be like mllp://host:port")
    if not parts.hostname or not allowed.lets(parts.hostname):
        raise Unprocessable("this host is not among those that AUTOCODER_OUTGOING_ALLOWED names")
    return parts


def _parts(written: str) -> SplitResult:
    try:
        if len(written) > _LONGEST or not re.fullmatch(r"[\x21-\x7e]+", written) or "\\" in written:
            raise ValueError
        parts = urlsplit(written)
        if parts.port == 0:
            raise ValueError
    except ValueError:
        raise Unprocessable("this is no address") from None
    return parts
