import InterlockAdministration
import InterlockPorts

extension HTTPResponse {
    static let fileType = "application/octet-stream"

    /// A file to be saved and never displayed: browsers neither run nor render it.
    static func file(_ file: EvidenceFileBody) -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("content-type", fileType),
                // INVARIANT: names consist of this program's literals, ids and numbers.
                ("content-disposition", "attachment; filename=\"\(file.name)\""),
                ("cache-control", "no-store"),
            ] + SecurityHeaders.all, body: file.bytes)
    }
}
