import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockPorts

/// A file that pages name: the same for everybody, and named by its content, so that a browser may keep it for ever
/// and never mixes two versions.
struct Asset: Sendable {
    /// `/assets/console-<16 hex digits of SHA-256>.css`
    let path: String
    let type: StaticString
    let bytes: [UInt8]
    /// The same by `gzip`; nil where that is no shorter.
    let packed: [UInt8]?

    init(
        _ name: StaticString, _ end: StaticString, _ type: StaticString, _ bytes: [UInt8],
        _ hashing: some Hashing
    ) {
        self.bytes = bytes
        packed = GzipCoding.packed(bytes)
        let digest = hashing.sha256(bytes).hex.prefix(16)
        path = "/assets/\(name)-\(digest).\(end)"
        self.type = type
    }

    /// A script of several sources, which see one another and which nothing else of the page sees.
    init(_ name: StaticString, script sources: StaticString..., hashing: some Hashing) {
        let source = sources.map { "\($0)" }.joined(separator: "\n")
        self.init(
            name, "js", "text/javascript; charset=utf-8",
            Array("\"use strict\";\n(() => {\n\(source)\n})();\n".utf8), hashing)
    }

    /// For ever, because another content has another name.
    func response(to head: RequestHead) -> HTTPResponse {
        var headers = [
            ("content-type", "\(type)"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("vary", "accept-encoding"),
        ]
        guard let packed, GzipCoding.isTaken(by: head["accept-encoding"]) else {
            return HTTPResponse(status: 200, headers: headers + SecurityHeaders.all, body: bytes)
        }
        headers.append(("content-encoding", "gzip"))
        return HTTPResponse(status: 200, headers: headers + SecurityHeaders.all, body: packed)
    }
}
