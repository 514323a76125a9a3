import CAssets
package import InterlockModel

/// All assets. They are compiled in, except Chart.js, which is Debian's.
package struct Assets: Sendable {
    let stylesheet: Asset
    /// Loaded before every other script.
    let session: Asset
    let script: Asset
    let passkeys: Asset
    let orders: Asset
    /// Referenced by every page, because browsers otherwise request an icon that does not exist.
    let icon: Asset
    /// The scripts that draw charts, in load order; empty if charts are not drawn.
    let charts: [Asset]
    private let all: [String: Asset]

    /// - Parameter library: Chart.js, version 3, or nil if it is not installed.
    package init(_ hashing: some Hashing, chart library: [UInt8]? = nil) {
        func script(_ name: StaticString, _ source: [UInt8]) -> Asset {
            Asset(name, "js", "text/javascript; charset=utf-8", source, hashing)
        }
        stylesheet = Asset(
            "console", "css", "text/css; charset=utf-8", Self.file(INTERLOCK_CONSOLE_CSS), hashing)
        session = script("session", Self.scope(INTERLOCK_SESSION_JS, INTERLOCK_FORMS_JS))
        self.script = script("console", Self.file(INTERLOCK_CONSOLE_JS))
        passkeys = script("passkeys", Self.scope(INTERLOCK_PASSKEY_USE_JS, INTERLOCK_PASSKEYS_JS))
        orders = script("orders", Self.scope(INTERLOCK_PASSKEY_USE_JS, INTERLOCK_ORDERS_JS))
        icon = Asset("icon", "svg", "image/svg+xml", Self.file(INTERLOCK_ICON_SVG), hashing)
        charts =
            library.map {
                [script("chart", $0), script("drawing", Self.file(INTERLOCK_CHARTS_JS))]
            }
            ?? []
        all = Dictionary(
            ([stylesheet, session, self.script, passkeys, orders, icon] + charts).map {
                ($0.path, $0)
            }
        ) { first, _ in first }
    }

    /// A file of `Sources/C/CAssets/files`, without the line break at its end.
    static func file(_ name: interlock_asset_name) -> [UInt8] {
        let file = unsafe interlock_asset(name)
        return unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.count))
    }

    /// A script of two sources, which share one scope that is hidden from the rest of the page.
    private static func scope(
        _ first: interlock_asset_name, _ second: interlock_asset_name
    ) -> [UInt8] {
        Array("\"use strict\";\n(() => {\n".utf8) + file(first) + [UInt8(ascii: "\n")]
            + file(second) + Array("\n})();\n".utf8)
    }

    static let prefix = "/assets/"

    subscript(path: String) -> Asset? { all[path] }
}
