import InterlockJSON
import InterlockModel
import InterlockPorts

extension LocalAPI {
    /// The body is `{reason}`. The operator does this alone: shutting off needs nobody's leave, and a
    /// release gives nothing that the lock has not.
    func server(
        _ text: String, _ deed: QuarantineAction, _ body: JSONValue, by listener: Listener
    ) async throws(LocalRefusal) -> JSONValue {
        guard case .local(let uid, _) = listener else { throw .noSuchRequest }
        guard let server = ServerName(text) else {
            throw LocalRefusal(404, "`\(text)` is no name of a server")
        }
        let reason: String
        do throws(FormError) {
            reason = try StrictFields(body, required: ["reason"]).string("reason", length: 8...500)
        } catch {
            throw LocalRefusal(400, "\(error)")
        }
        let by = pseudonyms.pseudonym(of: Person(localUser: uid))
        do throws(QuarantineRefusal) {
            switch deed {
            case .quarantine:
                try await quarantines.quarantine(server, reason: reason, by: by)
                return ["server": .string(text), "state": "quarantined"]
            case .release:
                try await quarantines.release(server, reason: reason, by: by)
                return ["server": .string(text), "state": "released"]
            }
        } catch {
            throw LocalRefusal(error)
        }
    }
}

enum QuarantineAction { case quarantine, release }

extension LocalRefusal {
    fileprivate init(_ refusal: QuarantineRefusal) {
        switch refusal {
        case .unknown: self.init(404, "\(refusal)", help: "interlock servers list")
        case .reason: self.init(400, "\(refusal)")
        case .notQuarantined: self.init(409, "\(refusal)")
        case .drift:
            self.init(
                409, "\(refusal)", help: "interlock servers drift shows it, servers pin accepts it")
        case .notKept: self.init(503, "\(refusal)")
        }
    }
}
