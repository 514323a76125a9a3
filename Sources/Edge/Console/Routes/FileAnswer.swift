import InterlockAdministration
import InterlockPorts

extension HTTPResponse {
    static let fileType = "application/octet-stream"

    /// To be kept, never shown: a browser runs and renders nothing of it.
    static func file(_ file: EvidenceFileBody) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("content-type", fileType),
                // INVARIANT: names are made of this program's words, ids and numbers.
                ("content-disposition", "attachment; filename=\"\(file.name)\""),
                ("cache-control", "no-store"),
            ] + SecurityHeaders.all, body: file.bytes)
    }
}
