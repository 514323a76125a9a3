import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization

/// Takes servers that break the protocol to the ledger. The connections exist before the ledger does.
final class Quarantines: Sendable {
    private struct State {
        var ledger: (any Ledger)?
        var waiting: [(server: ServerName, code: String)] = []
    }
    private let state = Mutex(State())

    func note(_ server: ServerName, _ code: String) {
        let ledger = state.withLock { state -> (any Ledger)? in
            if state.ledger == nil { state.waiting.append((server, code)) }
            return state.ledger
        }
        if let ledger { Self.record(server, code, in: ledger) }
    }

    func record(in ledger: any Ledger) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            state.ledger = ledger
            return state.waiting
        }
        for (server, code) in waiting { Self.record(server, code, in: ledger) }
    }

    private static func record(_ server: ServerName, _ code: String, in ledger: any Ledger) {
        ledger.note(
            RecordDraft(
                .serverQuarantined, run: nil,
                fields: ["srv": .string(server.text), "code": .string(code)]))
    }
}
