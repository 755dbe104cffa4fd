"""The second factor: a code of the person's telephone, or one of the codes on paper."""

from binascii import unhexlify
from math import ceil
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.http import HttpRequest
from django.utils.timezone import now
from django_otp import DEVICE_ID_SESSION_KEY, verify_token
from django_otp.models import Device
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from wagtail.log_actions import log

from plans.models import Membership, Role

TURNED_ON = "intranet.accounts.second_factor.on"
TURNED_OFF = "intranet.accounts.second_factor.off"
RESET = "intranet.accounts.second_factor.reset"
NEW_CODES = "intranet.accounts.second_factor.codes"

SUPERUSER = "superuser"
ROLES = (*Role.values, SUPERUSER)
"""What OTP_REQUIRED_ROLES may name."""

DUE = "second_factor_due"
"""Where a session keeps that its person has a second factor and has not given it."""

CODES = 10
"""How many codes for a lost telephone a person gets."""


class WrongCodeError(Exception):
    """The code is not right, was used before, or came too soon after a wrong one.

    `wait` says how many seconds to wait before the next.
    """

    def __init__(self, wait: int = 0) -> None:
        super().__init__()
        self.wait = wait


def telephone_of(user: Any) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


def is_required_of(user: Any) -> bool:
    """Whether the person's role asks for a second factor."""
    roles = settings.OTP_REQUIRED_ROLES
    if not roles:
        return False
    if user.is_superuser and SUPERUSER in roles:
        return True
    return Membership.objects.current().filter(user=user, role__in=roles).exists()


def is_due(request: HttpRequest) -> bool:
    """Whether the person signed in, but has yet to give the second factor."""
    if DEVICE_ID_SESSION_KEY in request.session:
        return False
    return bool(request.session.get(DUE)) or is_required_of(request.user)


def codes_left(user: Any) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def check_code(*, user: Any, code: str) -> Device:
    """The device that made the code, which holds once.

    Raises WrongCodeError. Each wrong code makes the person wait twice as long.
    """
    code = code.replace(" ", "").lower()
    kind = TOTPDevice if code.isdecimal() else StaticDevice
    device = kind.objects.filter(user=user, confirmed=True).first()
    if device is None:
        raise WrongCodeError
    accepted = verify_token(user, device.persistent_id, code)
    if accepted is None:
        raise WrongCodeError(_seconds_to_wait(device))
    return accepted


def turn_on(*, user: Any, key: str, code: str) -> tuple[Device, list[str]]:
    """Take the telephone that shows the code; return it and the codes for its loss.

    Raises WrongCodeError; also where the person has a second factor already.
    """
    totp = TOTP(unhexlify(key))
    totp.time = time()
    if not code.isdecimal() or not totp.verify(int(code), tolerance=1):
        raise WrongCodeError
    with transaction.atomic():
        get_user_model().objects.select_for_update().get(pk=user.pk)
        if telephone_of(user):
            raise WrongCodeError
        device = TOTPDevice.objects.create(
            # The code just shown does not hold a second time.
            user=user,
            name="totp",
            key=key,
            drift=totp.drift,
            last_t=totp.t(),
        )
        codes = _write_codes(user)
        log(instance=user, action=TURNED_ON, user=user)
    return device, codes


def renew_codes(*, user: Any, code: str) -> list[str]:
    """New codes for a lost telephone; the old ones hold no longer.

    Raises WrongCodeError.
    """
    check_code(user=user, code=code)
    with transaction.atomic():
        codes = _write_codes(user)
        log(instance=user, action=NEW_CODES, user=user)
    return codes


def turn_off(*, user: Any, code: str) -> None:
    """Raises WrongCodeError. Whose role asks for the factor sets up another at once."""
    check_code(user=user, code=code)
    _forget(user=user, actor=user, action=TURNED_OFF)


def reset(*, user: Any, actor: Any) -> None:
    """Take away what the person has lost. The caller asks for the right."""
    _forget(user=user, actor=actor, action=RESET)


def _seconds_to_wait(device: Any) -> int:
    device.refresh_from_db()
    _allowed, why = device.verify_is_allowed()
    return ceil((why["locked_until"] - now()).total_seconds()) if why else 0


def _forget(*, user: Any, actor: Any, action: str) -> None:
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        log(instance=user, action=action, user=actor)


def _write_codes(user: Any) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="static")
    # A letter in each, so that none is taken for a telephone's.
    codes: list[str] = []
    while len(codes) < CODES:
        code = StaticToken.random_token()
        if not code.isdecimal():
            codes.append(code)
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=code) for code in codes
    )
    return codes
