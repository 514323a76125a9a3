import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCredentials

@Suite struct PasskeyVerifierTests {
    typealias Words = SoftAuthenticator.Words
    private let verifier = PasskeyVerifier(SoftAuthenticator.party)

    private func refusal(
        _ assertion: PasskeyAssertion, by passkey: EnrolledPasskey,
        challenge: [UInt8] = SoftAuthenticator.challenge
    ) -> AssertionRefusal? {
        do throws(AssertionRefusal) {
            _ = try verifier.verify(assertion, challenge: challenge, by: passkey)
            return nil
        } catch { return error }
    }

    @Test(arguments: SoftAuthenticator.algorithms)
    func `an assertion of each algorithm is believed, with its counter`(
        _ algorithm: PasskeyAlgorithm
    ) throws {
        let device = try SoftAuthenticator(algorithm)
        let finding = try verifier.verify(
            device.assertion(), challenge: SoftAuthenticator.challenge, by: device.passkey())
        #expect(finding == AssertionFinding(counter: 8, isSynced: false))
        var synced = Words()
        synced.flags = 0x1d
        let other = try verifier.verify(
            device.assertion(synced), challenge: SoftAuthenticator.challenge, by: device.passkey())
        #expect(other.isSynced)
    }

    @Test(arguments: SoftAuthenticator.algorithms)
    func `an assertion with any byte of any part changed is refused`(
        _ algorithm: PasskeyAlgorithm
    ) throws {
        var chance = SeededGenerator.announced()
        let device = try SoftAuthenticator(algorithm)
        let good = try device.assertion()
        let passkey = device.passkey()
        func changed(_ bytes: [UInt8]) -> [[UInt8]] {
            bytes.indices.map { place in
                var copy = bytes
                copy[place] ^= UInt8.random(in: 1...255, using: &chance)
                return copy
            }
        }
        var variants: [PasskeyAssertion] = []
        for bytes in changed(good.authenticatorData) {
            variants.append(try good.with(authenticatorData: bytes))
        }
        for bytes in changed(good.clientDataJSON) {
            variants.append(try good.with(clientDataJSON: bytes))
        }
        for bytes in changed(good.signature) {
            variants.append(try good.with(signature: bytes))
        }
        for bytes in changed(good.credential.bytes) {
            variants.append(try good.with(credential: bytes))
        }
        for variant in variants {
            #expect(refusal(variant, by: passkey) != nil, "\(variant)")
        }
        for challenge in changed(SoftAuthenticator.challenge) {
            #expect(refusal(good, by: passkey, challenge: challenge) == .wrongChallenge)
        }
        for cut in good.signature.indices.dropFirst() {
            let short = try good.with(signature: Array(good.signature[..<cut]))
            #expect(refusal(short, by: passkey) == .badSignature)
        }
        let long = try good.with(signature: good.signature + [0])
        #expect(refusal(long, by: passkey) == .badSignature)
    }

    /// Each possible fault of an assertion, in the order of verification.
    private enum Fault: Int, CaseIterable {
        case form, type, challenge, origin, crossOrigin, party, absent, unverified
        case credential, revoked, algorithm, signature, counter

        var refusal: AssertionRefusal {
            switch self {
            case .form: .malformed
            case .type: .wrongType
            case .challenge: .wrongChallenge
            case .origin: .wrongOrigin
            case .crossOrigin: .crossOrigin
            case .party: .wrongRelyingParty
            case .absent: .userAbsent
            case .unverified: .userUnverified
            case .credential, .revoked: .wrongCredential
            case .algorithm: .wrongAlgorithm
            case .signature: .badSignature
            case .counter: .counterWentBack
            }
        }
    }

    private func judge(_ faults: Set<Fault>) throws -> AssertionRefusal? {
        let device = try SoftAuthenticator(.eddsa)
        var words = Words()
        if faults.contains(.form) { words.tail = [0] }
        if faults.contains(.type) { words.type = "webauthn.create" }
        if faults.contains(.challenge) { words.challenge[31] ^= 1 }
        if faults.contains(.origin) { words.origin = "https://interlock.example:8443" }
        if faults.contains(.crossOrigin) { words.crossOrigin = true }
        if faults.contains(.party) { words.relyingParty = "example" }
        if faults.contains(.absent) { words.flags &= ~0x01 }
        if faults.contains(.unverified) { words.flags &= ~0x04 }
        if faults.contains(.credential) { words.credential[0] ^= 1 }
        if faults.contains(.counter) { words.counter = 7 }
        var assertion = try device.assertion(words)
        if faults.contains(.signature) {
            var bytes = assertion.signature
            bytes[0] ^= 1
            assertion = try assertion.with(signature: bytes)
        }
        return refusal(
            assertion,
            by: device.passkey(
                algorithm: faults.contains(.algorithm) ? .es256 : nil,
                revoked: faults.contains(.revoked)))
    }

    @Test func `of two faults of an assertion the earlier is answered`() throws {
        #expect(try judge([]) == nil)
        for first in Fault.allCases {
            #expect(try judge([first]) == first.refusal, "\(first)")
            for second in Fault.allCases where second.rawValue > first.rawValue {
                #expect(try judge([first, second]) == first.refusal, "\(first), \(second)")
            }
        }
    }

    @Test(
        arguments: [
            (7, 8, nil), (7, 7, .counterWentBack), (7, 0, .counterWentBack), (0, 0, nil),
            (0, 1, nil),
            (UInt32.max, UInt32.max, .counterWentBack), (UInt32.max, 0, .counterWentBack),
            (nil, 0, nil), (nil, 5, nil),
        ] as [(UInt32?, UInt32, AssertionRefusal?)])
    func `a counter rises, or both are 0`(
        _ stored: UInt32?, _ sent: UInt32, _ expected: AssertionRefusal?
    ) throws {
        let device = try SoftAuthenticator(.eddsa)
        var words = Words()
        words.counter = sent
        #expect(
            refusal(try device.assertion(words), by: device.passkey(counter: stored)) == expected)
    }

    @Test func `a passkey of another console, or a key that is none, is refused`() throws {
        let device = try SoftAuthenticator(.es256)
        let elsewhere = device.passkey(relyingParty: "other.example")
        #expect(refusal(try device.assertion(), by: elsewhere) == .wrongCredential)
        let other = try SoftAuthenticator(.eddsa).passkey(algorithm: .es256)
        #expect(refusal(try device.assertion(), by: other) == .wrongAlgorithm)
    }

    @Test(
        arguments: [
            // Attested data in an assertion, trailing bytes, a backup flag without eligibility.
            (0x45, [UInt8](repeating: 0, count: 18)), (0x05, [0xa0]), (0x85, []), (0x85, [0x80]),
            (0x85, [0xa0, 0x00]), (0x15, []), (0x45, []),
        ] as [(UInt8, [UInt8])])
    func `authenticator data that contradicts itself is refused`(
        _ flags: UInt8, _ tail: [UInt8]
    ) throws {
        let device = try SoftAuthenticator(.eddsa)
        var words = Words()
        words.flags = flags
        words.tail = tail
        #expect(refusal(try device.assertion(words), by: device.passkey()) == .malformed)
    }

    @Test func `extensions are read over and stay signed`() throws {
        let device = try SoftAuthenticator(.eddsa)
        var words = Words()
        words.flags = 0x85
        words.tail = CBORValue.map([CBORPair(.text("uvm"), .bool(true))]).serialized
        #expect(refusal(try device.assertion(words), by: device.passkey()) == nil)
    }
}

extension PasskeyAssertion {
    func with(
        credential: [UInt8]? = nil, authenticatorData: [UInt8]? = nil,
        clientDataJSON: [UInt8]? = nil, signature: [UInt8]? = nil
    ) throws -> PasskeyAssertion {
        try PasskeyAssertion(
            credential: credential.map { PasskeyID(bytes: $0).unwrapped } ?? self.credential,
            authenticatorData: authenticatorData ?? self.authenticatorData,
            clientDataJSON: clientDataJSON ?? self.clientDataJSON,
            signature: signature ?? self.signature)
    }
}
