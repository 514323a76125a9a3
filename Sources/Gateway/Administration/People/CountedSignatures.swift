import InterlockModel
import InterlockPolicy
import Synchronization

/// What passkeys signed and was counted lately: how an order that is sent again is told from what a copy of a
/// passkey signs. In memory, so an order that began before this process may have been counted, too.
final class CountedSignatures: Sendable {
    /// Of one passkey, the newest last.
    private static let most = 256

    private let since: Timestamp
    private let known = Mutex<[PasskeyID: [Envelope.Signature]]>([:])

    /// - Parameter since: when this process began.
    init(since: Timestamp) { self.since = since }

    func note(_ signature: Envelope.Signature, of passkey: PasskeyID) {
        known.withLock { known in
            var own = known[passkey] ?? []
            own.append(signature)
            known[passkey] = own.suffix(Self.most)
        }
    }

    /// Whether this order may have been counted under this passkey.
    func mayHave(_ order: Envelope, of passkey: PasskeyID) -> Bool {
        if let begun = order.begun, begun < since.milliseconds { return true }
        let own = known.withLock { $0[passkey] ?? [] }
        return order.signatures.contains { signature in
            own.contains { $0.isOfSameUse(as: signature) }
        }
    }
}

extension Envelope {
    /// When what stands in it began, in milliseconds, by its own id. nil for what people sign later about what is
    /// older, and for halts, which are known over a restart. A sign-off has no time of its own, so that it may always
    /// have been counted.
    fileprivate var begun: Int64? {
        switch payloadType {
        case .release: (try? ReleaseOrder(parsing: payload))?.id.milliseconds
        case .elevationRequest: (try? ElevationOrder(parsing: payload))?.id.milliseconds
        case .signOff: 0
        default: nil
        }
    }
}
