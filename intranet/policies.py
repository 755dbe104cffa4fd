"""What a browser may load and do: the site's own, and nothing else.

Wagtail's admin needs more than the site; what it needs was measured, page by page, in
`tests/browser/browse_signin.py`.
"""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp

SITE = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "font-src": [SELF],
    "img-src": [SELF],
    "media-src": [SELF],
    "connect-src": [SELF],
    "frame-src": [SELF],
    "object-src": [NONE],
    "base-uri": [NONE],
    "form-action": [SELF],
    "frame-ancestors": [SELF],
}

ADMIN = {
    **SITE,
    # Choosers, dates and inline panels of Wagtail 8.0 begin by a script in the page;
    # no page of it needs one in an attribute, which is how injected text runs.
    "script-src-elem": [SELF, UNSAFE_INLINE],
    "script-src-attr": [NONE],
    # A picked image is shown before it is sent.
    "img-src": [SELF, "blob:"],
}

with_admin_policy = csp(ADMIN)

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "publickey-credentials-get",
        "serial",
        "usb",
    )
)
"""What no page of the site asks a browser for (Permissions-Policy)."""
