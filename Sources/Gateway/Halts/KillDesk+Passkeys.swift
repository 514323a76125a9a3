import InterlockModel

/// The counters of passkeys that orders were signed with: each goes up, so a copy of a passkey shows sooner or later.
extension KillDesk {
    /// Keeps them, durable on return, before what they signed can act.
    func count(_ judged: [JudgedSignature]) async throws(OrderRefusal) {
        for passkey in judged.compactMap(\.passkey) {
            let isNewest: Bool
            do throws(StoreFailure) {
                isNewest =
                    try await passkeys?.register.count(passkey.id, passkey.counter) ?? false
            } catch {
                throw .notRecorded("store")
            }
            // Another assertion of the same passkey was faster: this one may be a copy.
            guard isNewest else { throw .badAssertion(.counterWentBack) }
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
        guard case .copiedPasskey(let id) = refusal, let register = passkeys?.register else {
            return
        }
        let holder = register.passkey(id)?.holder.text
        gateway.raise(alarm: "passkey.counter_went_back", subject: holder ?? id.text)
        await register.suspend(id)
    }
}
