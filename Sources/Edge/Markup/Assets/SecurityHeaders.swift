/// The security headers of every response of the console: no inline code, nothing from other origins, no framing;
/// scripts cannot create markup from text.
///
/// `Referrer-Policy` is `same-origin`, because with `no-referrer` browsers send `Origin: null` with a form (Fetch,
/// "append a request `Origin` header"), which could not be distinguished from a foreign form.
package enum SecurityHeaders {
    package static let all: [(name: String, value: String)] = [
        ("content-security-policy", policy),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
        ),
    ]

    package static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
        "img-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
}
