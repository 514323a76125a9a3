import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCredentials

@Suite struct PasskeyRegistrationTests {
    typealias Words = SoftAuthenticator.Words

    private func refusal(
        _ device: SoftAuthenticator, _ object: [UInt8], _ words: Words,
        challenge: [UInt8] = SoftAuthenticator.challenge
    ) -> RegistrationRefusal? {
        do throws(RegistrationRefusal) {
            _ = try device.register(object, words, challenge: challenge)
            return nil
        } catch { return error }
    }

    @Test(arguments: SoftAuthenticator.algorithms)
    func `a new passkey is taken without attestation, and with its own`(
        _ algorithm: PasskeyAlgorithm
    ) throws {
        let device = try SoftAuthenticator(algorithm)
        let words = device.newWords()
        for object in [
            device.attestation(words, format: "none", []), try device.packed(words),
        ] {
            let made = try device.register(object, words)
            #expect(made.id.bytes == words.credential)
            #expect(made.algorithm == algorithm)
            #expect(made.publicKey == device.publicKey.serialized)
            #expect(made.counter == 8 && !made.isSynced)
        }
    }

    @Test(arguments: SoftAuthenticator.algorithms)
    func `a self-attested passkey with any byte changed is refused`(
        _ algorithm: PasskeyAlgorithm
    ) throws {
        var chance = SeededGenerator.announced()
        let device = try SoftAuthenticator(algorithm)
        let words = device.newWords()
        let object = try device.packed(words)
        for place in object.indices {
            var changed = object
            changed[place] ^= UInt8.random(in: 1...255, using: &chance)
            #expect(refusal(device, changed, words) != nil, "byte \(place)")
        }
        for cut in object.indices {
            #expect(refusal(device, Array(object[..<cut]), words) != nil, "cut at \(cut)")
        }
    }

    @Test func `what the browser or the authenticator got wrong is named`() throws {
        let device = try SoftAuthenticator(.es256)
        func check(_ expected: RegistrationRefusal, _ change: (inout Words) -> Void) {
            var words = device.newWords()
            change(&words)
            let object = device.attestation(words, format: "none", [])
            #expect(refusal(device, object, words) == expected)
        }
        check(.ceremony(.wrongType)) { $0.type = "webauthn.get" }
        check(.ceremony(.wrongChallenge)) { $0.challenge[0] ^= 1 }
        check(.ceremony(.wrongOrigin)) { $0.origin = "http://interlock.example" }
        check(.ceremony(.crossOrigin)) { $0.crossOrigin = true }
        check(.ceremony(.wrongRelyingParty)) { $0.relyingParty = "interlock.example." }
        check(.ceremony(.userAbsent)) { $0.flags &= ~1 }
        check(.ceremony(.userUnverified)) { $0.flags &= ~4 }
        check(.ceremony(.malformed)) { $0.crossOrigin = "no" }
        check(.authenticator(.badData)) { $0.flags &= ~0x40 }
        check(.authenticator(.badData)) {
            $0.flags &= ~0x40
            $0.tail = []
        }
        check(.authenticator(.badData)) { $0.tail += [0] }
        check(.otherCredential) { $0.tail[18] ^= 1 }
    }

    @Test func `only no attestation and the passkey's own are judged`() throws {
        let device = try SoftAuthenticator(.es256)
        let words = device.newWords()
        func check(_ expected: RegistrationRefusal, _ format: String, _ statement: [CBORPair]) {
            let object = device.attestation(words, format: format, statement)
            #expect(refusal(device, object, words) == expected)
        }
        let algorithm = CBORPair(.text("alg"), CBORValue(-7))
        let signature = CBORPair(.text("sig"), .bytes(try device.sign(words)))
        let chain = CBORPair(.text("x5c"), .array([.bytes([1])]))
        check(.badAttestation, "none", [algorithm])
        check(.otherAttestation("fido-u2f"), "fido-u2f", [signature])
        check(.otherAttestation("packed"), "packed", [algorithm, signature, chain])
        check(.badAttestation, "packed", [signature])
        check(.badAttestation, "packed", [CBORPair(.text("alg"), CBORValue(-8)), signature])
        check(.badAttestation, "packed", [algorithm, CBORPair(.text("sig"), .bytes([]))])
        check(.badAttestation, "packed", [algorithm, signature, CBORPair(.text("more"), .null)])
        #expect(refusal(device, CBORValue.map([]).serialized, words) == .malformed)
        #expect(refusal(device, [], words) == .authenticator(.cbor(.malformed)))
    }

    @Test func `a key with other members, of another kind or out of bounds is refused`() throws {
        let device = try SoftAuthenticator(.es256)
        let pairs = try #require(device.publicKey.pairs)
        func fault(_ pairs: [CBORPair]) -> AuthenticatorFault? {
            do throws(AuthenticatorFault) {
                _ = try CredentialKey(.map(pairs))
                return nil
            } catch { return error }
        }
        #expect(fault(pairs) == nil)
        for place in pairs.indices {
            var fewer = pairs
            fewer.remove(at: place)
            #expect(fault(fewer) == .badKey)
        }
        #expect(fault(pairs + [CBORPair(CBORValue(2), .bytes([1]))]) == .badKey)
        var es384 = pairs
        es384[1] = CBORPair(CBORValue(3), CBORValue(-35))
        #expect(fault(es384) == .otherAlgorithm)
        var offCurve = pairs
        offCurve[3] = CBORPair(CBORValue(-2), .bytes([UInt8](repeating: 1, count: 32)))
        #expect(fault(offCurve) == .badKey)
        let small = [
            CBORPair(CBORValue(1), CBORValue(3)), CBORPair(CBORValue(3), CBORValue(-257)),
            CBORPair(CBORValue(-1), .bytes([UInt8](repeating: 0xff, count: 128))),
            CBORPair(CBORValue(-2), .bytes([1, 0, 1])),
        ]
        #expect(fault(small) == .badKey)
    }
}
