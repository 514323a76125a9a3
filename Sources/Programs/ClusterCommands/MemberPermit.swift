import InterlockCluster
import InterlockCommandLine
import InterlockCredentials
import InterlockModel

/// A permit that enough people have signed, with its secret key.
struct MemberPermit {
    let envelope: Envelope
    let key: Ed25519PrivateKey

    /// The name of the permit in claims.
    var digest: Digest { OpenSSLHashing().sha256(envelope.payload) }

    /// - Throws: exit 65 if the file is no permit or lacks its secret, 1 if it is over or used up, 77 if its signatures do
    ///   not count.
    init(_ path: String, _ chain: VerifiedChain, at now: Timestamp) throws(Failure) {
        let file = try MemberFile.read(path)
        guard case .order(let order) = file.statement,
            case .permit(let key, let count, let until) = order.change, let secret = file.secret,
            let own = Ed25519PrivateKey(seed: secret), own.publicKey == key
        else { throw Failure(.data, "`\(path)` is no permit with its secret") }
        let signers = chain.signers
        guard try signers.isEnough(file) else {
            throw Failure(
                .no, "`\(path)` waits for another person: interlock cluster permit FILE --as EMAIL")
        }
        envelope = file.envelope
        self.key = own
        guard now <= until else {
            throw Failure(.no, "the permit ended at \(until.rfc3339(fractionDigits: 0))")
        }
        guard chain.state.permits[digest, default: 0] < count else {
            throw Failure(.no, "the permit has admitted \(count) nodes, as many as people signed")
        }
    }
}
