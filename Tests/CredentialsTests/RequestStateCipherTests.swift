import InterlockCredentials
import InterlockModel
import Testing

@Suite struct `Sealed request states` {
    static let entropy = SystemEntropy()
    static func seal(_ secret: UInt8 = 1, _ deployment: String = "acme") -> RequestStateCipher {
        RequestStateCipher(
            secret: [UInt8](repeating: secret, count: 32), deployment: deployment, entropy: entropy)
    }

    @Test func `what was sealed opens, also after a restart`() {
        for count in [0, 1, 500] {
            let plain = [UInt8](repeating: 7, count: count)
            let text = Self.seal().seal(plain)
            #expect(text.hasPrefix("v1."))
            #expect(Self.seal().open(text) == plain)
        }
    }

    @Test func `two seals of one text differ`() {
        #expect(Self.seal().seal([1]) != Self.seal().seal([1]))
    }

    @Test func `another deployment or key opens nothing`() {
        let text = Self.seal().seal([1, 2, 3])
        #expect(Self.seal(2).open(text) == nil)
        #expect(Self.seal(1, "other").open(text) == nil)
    }

    @Test func `any changed character fails`() {
        let text = Array(Self.seal().seal(Array("parked".utf8)).utf8)
        for place in text.indices {
            var changed = text
            changed[place] =
                changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(Self.seal().open(String(decoding: changed, as: UTF8.self)) == nil, "\(place)")
        }
        for count in text.indices {
            #expect(Self.seal().open(String(decoding: text.prefix(count), as: UTF8.self)) == nil)
        }
        #expect(Self.seal().open("") == nil)
        #expect(Self.seal().open(String(repeating: "v1.a.", count: 10_000)) == nil)
    }
}
