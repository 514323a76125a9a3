import InterlockAdministration
import InterlockGovernor
package import InterlockModel
package import InterlockPorts

/// A file that pages reference. It is the same for every viewer and named by its content, so browsers may cache it
/// permanently and never mix two versions.
package struct Asset: Sendable {
    /// `/assets/console-<16 hex digits of SHA-256>.css`
    package let path: String
    package let type: StaticString
    package let bytes: [UInt8]
    /// The bytes coded by `gzip`, or nil if that is not shorter.
    package let packed: [UInt8]?

    package init(
        _ name: StaticString, _ end: StaticString, _ type: StaticString, _ bytes: [UInt8],
        _ hashing: some Hashing
    ) {
        self.bytes = bytes
        packed = GzipCoding.packed(bytes)
        let digest = hashing.sha256(bytes).hex.prefix(16)
        path = "/assets/\(name)-\(digest).\(end)"
        self.type = type
    }

    /// The response, cacheable without limit because different content has a different name.
    package func response(to head: RequestHead) -> HTTPResponse {
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
