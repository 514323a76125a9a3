import InterlockHooks
import InterlockHostSettings

extension Invariants {
    /// The formats that the hook adapter reads besides events and verdicts: the file that names the gateway, responses,
    /// and maps of user ids; and those of the installer: the list of what it wrote, and the status of an agent.
    package static func hookAdapter(_ bytes: [UInt8]) {
        checkEndpoint(bytes)
        checkInstallation(bytes)
        let whole = readResponse(bytes, pieceBytes: max(1, bytes.count))
        precondition(readResponse(bytes, pieceBytes: 1) == whole, "pieces make no difference")
        if case .success(let body?) = whole {
            precondition(bytes.suffix(body.count).elementsEqual(body), "a body ends the response")
        }
        if !HookUserIDs.mapRoot(bytes) {
            precondition(bytes.allSatisfy { $0 >= 0x20 || $0 == 0x0a }, "a map is lines of text")
        }
    }

    private static func checkInstallation(_ bytes: [UInt8]) {
        if let status = try? HostStatus(parsing: bytes) {
            precondition(
                (try? HostStatus(parsing: status.wire)) == status, "a status is read again")
        }
        guard let list = try? InstalledFiles(parsing: bytes) else { return }
        // The text has more spaces than what was read, so it may be too long.
        let text = list.bytes
        precondition(
            text.count > InstalledFiles.limitBytes || (try? InstalledFiles(parsing: text)) == list,
            "a list is read again")
    }

    private static func checkEndpoint(_ bytes: [UInt8]) {
        guard let endpoint = try? HookEndpoint(parsing: bytes) else { return }
        switch endpoint {
        case .socket(let path):
            precondition(path.utf8.first == 0x2f && path.utf8.count <= 107, "an absolute path")
        case .route(let port, let path):
            precondition(port > 0 && path.utf8.first == 0x2f, "a port and a path")
        }
        let request = endpoint.request([0x7b, 0x7d])
        let lines = request.split(separator: 0x0a, omittingEmptySubsequences: false)
        precondition(lines.count == 7, "the endpoint adds no line to the request")
    }

    /// Bytes after the complete response are an error, whether they arrive with it or later.
    private static func readResponse(
        _ bytes: [UInt8], pieceBytes: Int
    ) -> Result<[UInt8]?, HookResponseError> {
        var reader = HookResponseReader()
        var body: [UInt8]?
        for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
            do throws(HookResponseError) {
                body = try reader.read(bytes[start..<min(bytes.count, start + pieceBytes)])
            } catch { return .failure(error) }
        }
        return .success(body)
    }
}
