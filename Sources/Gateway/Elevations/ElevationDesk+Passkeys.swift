import InterlockModel
import InterlockPolicy

/// What people sign about elevations by passkey.
extension ElevationDesk {
    /// A passkey that may have been copied signs nothing more.
    func believed<Judged>(
        _ order: Envelope, _ judge: () throws(ElevationRefusal) -> Judged
    ) async throws(ElevationRefusal) -> Judged {
        do throws(ElevationRefusal) { return try judge() } catch {
            guard case .copiedPasskey(let id) = error else { throw error }
            let isSuspended =
                await passkeys?.suspend(id, under: order) {
                    gateway.raise(alarm: $0, subject: $1)
                } ?? false
            throw isSuspended ? error : .badAssertion(.counterWentBack)
        }
    }

    /// Keeps the counter, durable on return, before what was signed can act.
    func count(_ signature: JudgedSignature) async throws(ElevationRefusal) {
        guard signature.passkey != nil else { return }
        switch await passkeys?.count(signature) {
        case .kept: return
        case .overtaken: throw .badAssertion(.counterWentBack)
        case .notKept, nil: throw .notRecorded("store")
        }
    }
}
