import InterlockAdministration
import InterlockAlerts
import InterlockCredentials
import InterlockDeployment
import InterlockLedger
import InterlockModel
import InterlockNotification
import InterlockPorts
import InterlockTransport

/// A gateway that is asked for signed statements that it is alive. Its answers are not trusted before their signature
/// and their challenge are verified.
struct PolledGateway: Sendable {
    /// The address of the people plane.
    let url: String
    let fetcher: DocumentFetcher
    /// The metrics token, or nil if the gateway requires none.
    let token: String?

    /// Asks once, for at most ten seconds.
    ///
    /// - Parameter entropy: the source of the challenge.
    func statement(
        trusting keys: [VerifierKey], challenge entropy: some Entropy
    ) async -> Result<AliveMessage, WatchFault> {
        guard let challenge = AliveChallenge(random: entropy.bytes(16)) else {
            return .failure(WatchFault("no challenge can be made"))
        }
        let base = url.hasSuffix("/") ? String(url.dropLast()) : url
        let answer = await fetcher.send(
            "\(base)\(AliveStatements.path)?challenge=\(challenge.text)",
            accept: "application/json",
            authorization: token.map { "Bearer \($0)" })
        switch answer {
        case .failure(let failure): return .failure(WatchFault(failure.reason))
        case .success(let response) where response.head.status != 200:
            return .failure(WatchFault("it answered with status \(response.head.status)"))
        case .success(let response):
            do throws(WatchFault) {
                return .success(try Self.verified(response.body, keys, challenge))
            } catch { return .failure(error) }
        }
    }

    private static func verified(
        _ bytes: [UInt8], _ keys: [VerifierKey], _ challenge: AliveChallenge
    ) throws(WatchFault) -> AliveMessage {
        let envelope: Envelope
        let message: AliveMessage
        do throws(FormError) {
            envelope = try Envelope(parsing: bytes)
            message = try AliveMessage(parsing: envelope.payload)
        } catch { throw WatchFault("its answer is no statement: \(error)") }
        guard envelope.payloadType == .alive,
            let signer = envelope.soleSigner(verifiedBy: OpenSSLVerifier())
        else { throw WatchFault("its statement is not signed") }
        guard keys.contains(where: { $0.publicKey == signer.bytes && $0.name == message.origin })
        else {
            throw WatchFault("its statement is signed by a key that the trust file does not name")
        }
        guard message.challenge == challenge else {
            throw WatchFault("its statement answers another question")
        }
        return message
    }
}
