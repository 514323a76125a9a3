import InterlockApprovals
import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench

/// Passkeys of invited people. What a browser answers is tested with its verifier.
@Suite struct EnrolmentServiceTests {
    /// Accepts every answer to the challenge that was asked.
    private struct Accepting: RegistrationVerifier {
        func verify(
            _ offer: RegistrationResponse, challenge: [UInt8]
        ) throws(RegistrationFault) -> RegisteredPasskey {
            guard offer.clientDataJSON == challenge else { throw RegistrationFault("challenge") }
            return RegisteredPasskey(
                id: offer.credential, algorithm: .es256, publicKey: [1],
                relyingParty: "interlock.example", counter: 0)
        }
    }

    private let registry: Registry
    private let challenges = Breakable(
        OneNodeRegistry(ChallengeRegistry { hmacSHA256(key: [1, 2, 3], $0) }))
    private let service: EnrolmentService

    init() throws {
        registry = try Registry()
        service = EnrolmentService(
            people: registry.service, verifier: Accepting(), challenges: challenges,
            alarm: { _, _ in })
    }

    private func refusal(_ body: () async throws -> Void) async -> EnrolmentRefusal? {
        await thrown(body)
    }

    private func enrol(_ token: String, _ challenge: [UInt8]) async throws {
        let id = try #require(PasskeyID(bytes: [UInt8](repeating: 5, count: 32)))
        _ = try await service.enrol(
            token,
            RegistrationResponse(credential: id, attestationObject: [], clientDataJSON: challenge),
            challenge: challenge, from: nil)
    }

    @Test func `while challenges cannot be read nobody enrols, and the invitation stays`()
        async throws
    {
        let token = try await registry.invite("rui")
        challenges.isBroken = true
        #expect(
            await refusal { _ = try await service.challenge(token, from: nil) } == .unavailable)
        challenges.isBroken = false
        let challenge = try await service.challenge(token, from: nil)
        challenges.isBroken = true
        #expect(await refusal { try await enrol(token, challenge) } == .unavailable)
        #expect(registry.service.book.passkeys.isEmpty && service.invited(token) != nil)
        challenges.isBroken = false
        try await enrol(token, challenge)
        #expect(service.invited(token) == nil, "it is used up")
    }
}
