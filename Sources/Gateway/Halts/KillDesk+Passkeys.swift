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
    func refuse(_ refusal: OrderRefusal) async {
        note(refused: refusal)
        guard case .copiedPasskey(let id) = refusal else { return }
        await passkeys?.suspend(id) { gateway.raise(alarm: $0, subject: $1) }
    }
}
