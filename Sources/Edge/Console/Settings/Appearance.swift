import InterlockAPI
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// The looks of pages in one browser. They are kept in a cookie of that browser and change nothing else (decision 0062).
struct Appearance: Hashable, Sendable {
    enum Theme: String, CaseIterable, Sendable { case system, light, dark }
    enum Density: String, CaseIterable, Sendable { case normal, compact }
    /// The setting of single-key shortcuts.
    enum Shortcuts: String, CaseIterable, Sendable { case on, off }

    static let utc = "UTC"
    /// The choice of the browser's own zone, as forms and the cookie state it.
    static let ofSignIn = "sign-in"

    var theme = Theme.system
    var density = Density.normal
    var shortcuts = Shortcuts.on
    /// The chosen zone, a name of the tz database; nil for that of the sign-in.
    var chosenZone: String?
    /// The zone that the browser had at the last sign-in, a name of the tz database.
    var signInZone = utc

    /// The zone of the pages.
    var zone: String { chosenZone ?? signInZone }

    init() {}

    /// - Parameter isZone: whether there is a zone of this name.
    /// - Returns: nil if a member is missing or unknown.
    init?(_ fields: (String) -> String?, isZone: (String) -> Bool) {
        guard let theme = fields("theme").flatMap(Theme.init),
            let density = fields("density").flatMap(Density.init),
            let zone = fields("zone"), zone == Self.ofSignIn || isZone(zone),
            let shortcuts = Shortcuts(rawValue: fields("shortcuts") ?? Shortcuts.on.rawValue)
        else { return nil }
        self.theme = theme
        self.density = density
        self.shortcuts = shortcuts
        chosenZone = zone == Self.ofSignIn ? nil : zone
        if let zone = fields("signed-in-zone"), isZone(zone) { signInZone = zone }
    }
}

extension Appearance.Theme {
    var word: StaticString {
        switch self {
        case .system: "system"
        case .light: "light"
        case .dark: "dark"
        }
    }
}

extension Appearance.Density {
    var word: StaticString {
        switch self {
        case .normal: "normal"
        case .compact: "compact"
        }
    }
}

extension Appearance.Shortcuts {
    var word: StaticString {
        switch self {
        case .on: "on"
        case .off: "off"
        }
    }
}

extension Appearance {
    /// The cookie, which a browser keeps for 400 days, the longest that it may (RFC 6265bis, 5.6.1).
    static let cookie = HostCookie(name: "__Host-interlock-looks", life: 400 * 86_400)

    /// The value of the cookie.
    var text: String {
        "theme=\(theme.rawValue)&density=\(density.rawValue)&shortcuts=\(shortcuts.rawValue)"
            + "&zone=\(FormFields.encode(chosenZone ?? Self.ofSignIn))"
            + "&signed-in-zone=\(FormFields.encode(signInZone))"
    }

    /// The appearance that the browser has chosen; the default without a cookie, or with one that is not understood.
    init(of head: RequestHead, isZone: (String) -> Bool) {
        let fields = Self.cookie.value(in: head).flatMap(FormFields.parse)
        self =
            fields.flatMap { fields in Appearance({ fields[$0] }, isZone: isZone) } ?? Appearance()
    }
}
