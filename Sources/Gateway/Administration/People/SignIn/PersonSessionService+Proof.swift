import InterlockModel
import InterlockPorts
import Synchronization

extension PersonSessionService {
    /// A refused proof uses nothing up, so the cookie alone does not suffice to fill the session's memory of proofs.
    /// The signature is verified last, because that costs most.
    package func check(
        _ proof: SessionProof, of request: ProvenRequest, in token: String
    ) -> SessionProofFault? {
        let hash = Self.hash("session", token, hashing)
        let now = clock.now
        let found = state.withLock { state -> (key: PersonSessionKey, end: BootTime?)? in
            state.sessions.look(hash, at: now.wall, isUse: false).map {
                ($0.key, state.nonces.end(of: proof.nonce, for: hash, at: now.boot))
            }
        }
        guard let found else { return .noSession }
        guard let end = found.end else { return .staleNonce }
        guard verifies(proof, request, by: found.key) else { return .badSignature }
        let use = state.withLock {
            $0.nonces.use(proof.identifier, of: hash, until: end, at: now.boot)
        }
        return switch use {
        case .first: nil
        case .usedBefore: .usedBefore
        case .tooMany: .tooMany
        }
    }

    private func verifies(
        _ proof: SessionProof, _ request: ProvenRequest, by key: PersonSessionKey
    ) -> Bool {
        let message = request.message(nonce: proof.nonce, identifier: proof.identifier)
        return keys.verifies(proof.signature, of: message, by: key)
    }
}
