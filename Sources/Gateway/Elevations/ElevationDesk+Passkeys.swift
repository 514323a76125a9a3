import InterlockModel
import InterlockPolicy

/// What people sign about elevations by passkey.
extension ElevationDesk {
    /// A passkey that may have been copied signs nothing more.
    func believed<Judged>(
        _ judge: () throws(ElevationRefusal) -> Judged
    ) async throws(ElevationRefusal) -> Judged {
        do throws(ElevationRefusal) { return try judge() } catch {
            if case .copiedPasskey(let id) = error {
                await passkeys?.suspend(id) { gateway.raise(alarm: $0, subject: $1) }
            }
            throw error
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
