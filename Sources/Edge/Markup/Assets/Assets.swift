package import CAssets
package import InterlockModel

/// All assets. They are compiled in, except Chart.js, which is Debian's.
package struct Assets: Sendable {
    package let stylesheet: Asset
    /// Loaded before every other script.
    package let session: Asset
    package let script: Asset
    package let passkeys: Asset
    package let orders: Asset
    /// The palette and the single keys, for signed-in people.
    package let keys: Asset
    /// Referenced by every page, because browsers otherwise request an icon that does not exist.
    package let icon: Asset
    /// The icon while something waits for the viewer.
    package let waitingIcon: Asset
    /// The icon of a page without contact.
    package let lostIcon: Asset
    /// The scripts that draw charts, in load order; empty if charts are not drawn.
    package let charts: [Asset]
    private let all: [String: Asset]

    /// - Parameter library: Chart.js, version 3, or nil if it is not installed.
    package init(_ hashing: some Hashing, chart library: [UInt8]? = nil) {
        func script(_ name: StaticString, _ source: [UInt8]) -> Asset {
            Asset(name, "js", "text/javascript; charset=utf-8", source, hashing)
        }
        stylesheet = Asset(
            "console", "css", "text/css; charset=utf-8", Self.file(INTERLOCK_CONSOLE_CSS), hashing)
        session = script("session", Scripts.session)
        self.script = script("console", Scripts.console)
        passkeys = script("passkeys", Scripts.passkeys)
        orders = script("orders", Scripts.orders)
        keys = script("keys", Scripts.keys)
        func drawing(_ name: StaticString, _ file: interlock_asset_name) -> Asset {
            Asset(name, "svg", "image/svg+xml", Self.file(file), hashing)
        }
        icon = drawing("icon", INTERLOCK_ICON_SVG)
        waitingIcon = drawing("icon-waiting", INTERLOCK_ICON_WAITING_SVG)
        lostIcon = drawing("icon-lost", INTERLOCK_ICON_LOST_SVG)
        charts =
            library.map {
                [script("chart", $0), script("drawing", Scripts.drawing)]
            }
            ?? []
        all = Dictionary(
            ([
                stylesheet, session, self.script, passkeys, orders, keys, icon, waitingIcon,
                lostIcon,
            ] + charts).map { ($0.path, $0) }
        ) { first, _ in first }
    }

    /// A file of `Sources/C/CAssets/files`, without the line break at its end.
    package static func file(_ name: interlock_asset_name) -> [UInt8] {
        let file = unsafe interlock_asset(name)
        return unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
    }

    /// A script of several sources, which share one scope that is hidden from the rest of the page.
    private static func scope(_ sources: interlock_asset_name...) -> [UInt8] {
        Array("\"use strict\";\n(() => {\n".utf8)
            + Array(sources.map(file).joined(separator: [UInt8(ascii: "\n")]))
            + Array("\n})();\n".utf8)
    }

    /// Our scripts as they are served, trimmed once for the process.
    private enum Scripts {
        static let session = trimmed(
            scope(INTERLOCK_PASSKEY_USE_JS, INTERLOCK_SESSION_JS, INTERLOCK_FORMS_JS))
        static let console = trimmed(
            scope(INTERLOCK_CONTACT_JS, INTERLOCK_CONSOLE_JS, INTERLOCK_VALUES_JS))
        static let passkeys = trimmed(scope(INTERLOCK_PASSKEYS_JS))
        static let orders = trimmed(scope(INTERLOCK_ORDERS_JS))
        static let keys = trimmed(scope(INTERLOCK_PALETTE_JS, INTERLOCK_SHORTCUTS_JS))
        static let drawing = trimmed(file(INTERLOCK_CHARTS_JS))
    }

    package static let prefix = "/assets/"

    package subscript(path: String) -> Asset? { all[path] }
}
