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
        func compiled(_ source: StaticString) -> [UInt8] { Array("\(source)".utf8) }
        stylesheet = Asset(
            "console", "css", "text/css; charset=utf-8", compiled(Stylesheet.source), hashing)
        session = Asset(
            "session", script: SessionScript.source, FormScript.source, hashing: hashing)
        self.script = script("console", compiled(Script.source))
        passkeys = Asset(
            "passkeys", script: PasskeyUse.source, PasskeyScript.source, hashing: hashing)
        orders = Asset("orders", script: PasskeyUse.source, OrderScript.source, hashing: hashing)
        icon = Asset("icon", "svg", "image/svg+xml", compiled(Icon.source), hashing)
        charts =
            library.map { [script("chart", $0), script("drawing", compiled(ChartScript.source))] }
            ?? []
        all = Dictionary(
            ([stylesheet, session, self.script, passkeys, orders, icon] + charts).map {
                ($0.path, $0)
            }
        ) { first, _ in first }
    }

    static let prefix = "/assets/"

    subscript(path: String) -> Asset? { all[path] }
}
