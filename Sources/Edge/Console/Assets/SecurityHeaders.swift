/// What every answer of the console says to the browser. Nothing inline, nothing from elsewhere, in nobody's
/// frame; markup cannot be made by scripts from text.
///
/// `Referrer-Policy` is `same-origin`, because with `no-referrer` browsers send `Origin: null` with a form
/// (Fetch, "append a request `Origin` header"), and then a form could not be told from a foreign one.
enum SecurityHeaders {
    static let all: [(name: String, value: String)] = [
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

    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
        "img-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
}
