import InterlockCredentials
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite(.requirement("R152")) struct SessionProofTests {
    private let session = Digest(words: (1, 2, 3, 4))
    private let other = Digest(words: (1, 2, 3, 5))
    private let now = BootTime(microseconds: 1_000_000)

    private func nonces(_ key: UInt8 = 1) -> ProofNonces {
        ProofNonces { hmacSHA256(key: [key], $0) }
    }

    @Test func `R152 a nonce is of this process, for one session, for a minute`() {
        let nonces = nonces()
        let nonce = nonces.nonce(for: session, at: now)
        let end = now + ProofNonces.life
        #expect(nonces.end(of: nonce, for: session, at: now) == end)
        #expect(nonces.end(of: nonce, for: session, at: end + .microseconds(-1)) == end)
        #expect(nonces.end(of: nonce, for: session, at: end) == nil)
        #expect(nonces.end(of: nonce, for: other, at: now) == nil)
        #expect(self.nonces(2).end(of: nonce, for: session, at: now) == nil)
        let bytes = Base64.decodeURL(nonce) ?? []
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            #expect(nonces.end(of: Base64.encodeURL(changed), for: session, at: now) == nil)
        }
        for wrong in ["", "x", nonce + "A", String(nonce.dropLast(4)), nonce + "AAAA"] {
            #expect(nonces.end(of: wrong, for: session, at: now) == nil)
        }
    }

    @Test func `R152 a proof is used once, in bounded memory, which time frees`() {
        var nonces = nonces()
        let end = now + ProofNonces.life
        for number in 0..<ProofNonces.mostOfOne {
            #expect(nonces.use("\(number)", of: session, until: end, at: now) == .first)
        }
        #expect(nonces.use("7", of: session, until: end, at: now) == .usedBefore)
        #expect(nonces.use("new", of: session, until: end, at: now) == .tooMany)
        #expect(nonces.use("7", of: other, until: end, at: now) == .first)
        #expect(nonces.count == ProofNonces.mostOfOne + 1)
        let later = end + ProofNonces.life
        #expect(nonces.use("new", of: session, until: later, at: end) == .first)
        nonces.sweep(at: end)
        #expect(nonces.count == 1)
        nonces.sweep(at: later)
        #expect(nonces.count == 0)
    }

    @Test(arguments: [
        "", "v1", "v1...", "v2.n.\(identifier).\(signature)", "v1.n.\(identifier)",
        "v1.n.\(identifier).\(signature).", "v1.n.\(identifier)=.\(signature)",
        "v1.n.AAAA.\(signature)", "v1.n.\(identifier).AAAA", " v1.n.\(identifier).\(signature)",
        "v1.\(String(repeating: "n", count: 200)).\(identifier).\(signature)",
    ])
    func `R152 what is no proof is malformed`(_ text: String) {
        #expect(SessionProof(text) == nil)
    }

    private static let identifier = Base64.encodeURL([UInt8](repeating: 1, count: 16))
    private static let signature = Base64.encodeURL([UInt8](repeating: 2, count: 64))

    @Test func `R152 what is signed differs where anything of the request does`() {
        let (body, other) = (Digest(words: (1, 1, 1, 1)), Digest(words: (1, 1, 1, 2)))
        func message(
            _ body: Digest, _ method: String = "POST", _ origin: String = "http://localhost:1",
            _ target: String = "/a?b=c", _ nonce: String = "n", _ id: String = "i"
        ) -> [UInt8] {
            ProvenRequest(method: method, origin: origin, target: target, body: body)
                .message(nonce: nonce, identifier: id)
        }
        let all = [
            message(body), message(other), message(body, "GET"),
            message(body, "POST", "http://localhost:2"),
            message(body, "POST", "http://localhost:1", "/a"),
            message(body, "POST", "http://localhost:1", "/a?b=c", "m"),
            message(body, "POST", "http://localhost:1", "/a?b=c", "n", "j"),
        ]
        #expect(Set(all).count == all.count)
        let zeros = String(repeating: "0000000000000001", count: 4)
        #expect(
            String(decoding: all[0], as: UTF8.self)
                == "interlock/proof/1\nPOST\nhttp://localhost:1\n/a?b=c\n\(zeros)\nn\ni")
    }
}
