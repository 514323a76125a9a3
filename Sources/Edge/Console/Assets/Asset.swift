import InterlockGateway
package import InterlockModel

/// A file that pages name: compiled in, and named by its content, so that a browser may keep it for ever
/// and never mixes two versions.
struct Asset: Sendable {
    /// `/assets/console-<16 hex digits of SHA-256>.css`
    let path: String
    let type: StaticString
    let bytes: [UInt8]

    fileprivate init(
        _ name: StaticString, _ end: StaticString, _ type: StaticString, _ source: String,
        _ hashing: some Hashing
    ) {
        bytes = Array(source.utf8)
        let digest = hashing.sha256(bytes).hex.prefix(16)
        path = "/assets/\(name)-\(digest).\(end)"
        self.type = type
    }

    /// A script of several sources, which see one another and which nothing else of the page sees.
    fileprivate init(
        _ name: StaticString, script sources: StaticString..., hashing: some Hashing
    ) {
        let source = sources.map { "\($0)" }.joined(separator: "\n")
        self.init(
            name, "js", "text/javascript; charset=utf-8",
            "\"use strict\";\n(() => {\n\(source)\n})();\n", hashing)
    }

    /// For ever, because another content has another name.
    var response: HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("content-type", "\(type)"),
                ("cache-control", "public, max-age=31536000, immutable"),
            ] + SecurityHeaders.all, body: bytes)
    }
}

package struct Assets: Sendable {
    let stylesheet: Asset
    let script: Asset
    let passkeys: Asset
    let orders: Asset
    /// Named, because a browser that is told of no icon asks for one that is not there.
    let icon: Asset

    package init(_ hashing: some Hashing) {
        stylesheet = Asset(
            "console", "css", "text/css; charset=utf-8", "\(Stylesheet.source)", hashing)
        script = Asset(
            "console", "js", "text/javascript; charset=utf-8", "\(Script.source)", hashing)
        passkeys = Asset(
            "passkeys", script: PasskeyUse.source, PasskeyScript.source, hashing: hashing)
        orders = Asset("orders", script: PasskeyUse.source, OrderScript.source, hashing: hashing)
        icon = Asset("icon", "svg", "image/svg+xml", "\(Icon.source)", hashing)
    }

    static let prefix = "/assets/"

    subscript(path: String) -> Asset? {
        [stylesheet, script, passkeys, orders, icon].first { $0.path == path }
    }
}
