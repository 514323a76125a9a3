import InterlockApprovals
import InterlockModel
import InterlockPolicy
import Synchronization

/// The passkey signatures counted recently. They distinguish an order that is sent again from a signature of a cloned
/// passkey. Held in memory only, so an order that began before this process started may already have been counted.
final class CountedSignatures: Sendable {
    /// The number of signatures kept per passkey; the newest is last.
    private static let most = 256

    private let since: Timestamp
    private let known = Mutex<[PasskeyID: [Envelope.Signature]]>([:])

    /// - Parameter since: the start of this process.
    init(since: Timestamp) { self.since = since }

    func note(_ signature: Envelope.Signature, of passkey: PasskeyID) {
        known.withLock { known in
            var own = known[passkey] ?? []
            own.append(signature)
            known[passkey] = own.suffix(Self.most)
        }
    }

    /// Returns whether this order may already have been counted under this passkey.
    func mayHave(_ order: Envelope, of passkey: PasskeyID) -> Bool {
        if let begun = order.begun, begun < since.milliseconds { return true }
        let own = known.withLock { $0[passkey] ?? [] }
        return order.signatures.contains { signature in
            own.contains { $0.isOfSameUse(as: signature) }
        }
    }
}

extension Envelope {
    /// The time at which the signed request began, in milliseconds, taken from its own id. Is nil for orders that are
    /// signed later about something older, and for halts, which survive a restart. A sign-off, also of a drill, a
    /// promotion or a review, has no id with a time and yields 0, so it may always have been counted.
    fileprivate var begun: Int64? {
        switch payloadType {
        case .release: (try? ReleaseOrder(parsing: payload))?.id.milliseconds
        case .elevationRequest: (try? ElevationOrder(parsing: payload))?.id.milliseconds
        case .people: (try? PeopleOrder(parsing: payload))?.id.milliseconds
        case .run: (try? RunOrder(parsing: payload))?.id.milliseconds
        case .server: (try? ServerOrder(parsing: payload))?.id.milliseconds
        case .breakGlass: (try? BreakGlassOrder(parsing: payload))?.id.milliseconds
        case .signOff, .drill, .promotion, .review: 0
        default: nil
        }
    }
}
