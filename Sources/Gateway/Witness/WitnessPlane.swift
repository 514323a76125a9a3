import InterlockLedger
import InterlockModel
package import InterlockPorts

/// Serves the two requests of a witness under one prefix: `/witness` on the people plane, none on a listener of its
/// own. It checks neither the client nor the Host header, because a checkpoint is authenticated by its log's signature.
package struct WitnessPlane: RequestHandler {
    private let service: WitnessService
    private let prefix: String

    /// Above the limit of the body itself, so that the witness's own 400 says what is wrong.
    private static let bodyLimitBytes = AddCheckpoint.maximumBytes + (64 << 10)
    private static let checkpoint = "/checkpoint"

    /// - Parameter prefix: begins with `/`, or is empty.
    package init(_ service: WitnessService, prefix: String) {
        self.service = service
        self.prefix = prefix
    }

    /// Returns true if the path belongs to this plane.
    package func serves(_ path: String) -> Bool { path.hasPrefix(prefix + "/") }

    package func judge(_ head: RequestHead) -> HeadDecision {
        switch (head.method, isAdd(head.path), origin(of: head.path)) {
        case ("POST", true, _): return .readBody(limitBytes: Self.bodyLimitBytes)
        case (_, true, _): return .refuse(.plain(405, "use POST", ("allow", "POST")))
        case ("GET", _, _?), ("HEAD", _, _?): return .readBody(limitBytes: 0)
        case (_, _, _?): return .refuse(.plain(405, "use GET", ("allow", "GET, HEAD")))
        case (_, false, nil): return .refuse(.plain(404, "no such path"))
        }
    }

    package func handle(_ head: RequestHead, body: [UInt8], _ exchange: any Exchange) async {
        do throws(WitnessRefusal) {
            if isAdd(head.path) {
                exchange.respond(.text(200, Self.plain, try await service.add(body)))
            } else if let origin = origin(of: head.path), let note = try await service.note(origin)
            {
                exchange.respond(
                    HTTPResponse(status: 200, headers: [("content-type", Self.plain)], body: note))
            } else {
                exchange.respond(.plain(404, "nothing was cosigned for this origin"))
            }
        } catch {
            let answer = error.answer
            exchange.respond(.text(answer.status, answer.type, answer.text))
        }
    }

    private func isAdd(_ path: String) -> Bool { path == prefix + "/add-checkpoint" }

    /// Returns the hash of `<prefix>/<hash>/checkpoint`, or nil for any other path.
    private func origin(of path: String) -> String? {
        guard serves(path), path.hasSuffix(Self.checkpoint) else { return nil }
        let name = path.dropFirst(prefix.utf8.count + 1).dropLast(Self.checkpoint.utf8.count)
        return Hex.decode(name)?.count == 32 ? String(name) : nil
    }

    private static let plain = "text/plain; charset=utf-8"
}

extension HTTPResponse {
    fileprivate static func text(_ status: Int, _ type: String, _ text: String) -> HTTPResponse {
        HTTPResponse(status: status, headers: [("content-type", type)], body: Array(text.utf8))
    }
}
