import InterlockCluster
import InterlockJSON
import InterlockModel

/// A change that is signed, sealed and ready to be sent. A change that is repeated is sent with the same bytes, by which
/// the store knows it.
struct PreparedChange {
    enum Call {
        case ask(RequestDraft)
        case revise(RequestVersion, isAnew: Bool, ends: Timestamp, body: [UInt8])
        case vote(StoredVote)
        case end(RequestVersion, RequestEnd, EntryDraft)
        case use(RequestVersion, GrantUse, EntryDraft, SpentNonce)
    }

    let call: Call
    /// The request after the change; nil if it is in a final state.
    let after: KnownRequest?
    /// The logs of the votes by which a grant is used, as `KnownRequest` has them; empty for other changes.
    var origins: [Digest: ExactText] = [:]
}
