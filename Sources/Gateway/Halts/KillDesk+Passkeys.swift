import InterlockModel

/// The counters of passkeys that orders were signed with: each goes up, so a copy of a passkey shows sooner or later.
extension KillDesk {
    /// Keeps them, durable on return, before what they signed can act.
    func count(_ judged: [JudgedSignature]) async throws(OrderRefusal) {
        for signature in judged where signature.passkey != nil {
            switch await passkeys?.count(signature) {
            case .kept: continue
            case .overtaken: throw .badAssertion(.counterWentBack)
            case .notKept, nil: throw .notRecorded("store")
            }
        }
    }

    /// The same for a halt, which waits for no disk and stands whatever comes of this.
    func countLater(_ judged: JudgedSignature?) {
        guard let judged, judged.passkey != nil else { return }
        Task {
            do throws(OrderRefusal) { try await count([judged]) } catch {
                gateway.raise(alarm: "passkey.not_counted", subject: judged.signer.text)
            }
        }
    }

    /// Tells of an order that was not taken. A passkey that may have been copied signs nothing more.
    ///
    /// - Returns: as it is to be answered.
    func refused(_ order: Envelope, _ refusal: OrderRefusal) async -> OrderRefusal {
        var refusal = refusal
        if case .copiedPasskey(let id) = refusal {
            let isSuspended =
                await passkeys?.suspend(id, under: order) {
                    gateway.raise(alarm: $0, subject: $1)
                } ?? false
            if !isSuspended { refusal = .badAssertion(.counterWentBack) }
        }
        note(refused: refusal)
        return refusal
    }
}
