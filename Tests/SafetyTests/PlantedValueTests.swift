import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

/// The values of canaries, and their stored form (docs/specs/output-safety.md, section 4).
@Suite(.requirement("R082")) struct PlantedValueTests {
    /// Keyed by one byte; bytes of the message decide every byte of the digest.
    private static func digest(_ key: UInt8) -> PlantedValueEntry.KeyedDigest {
        { message in
            var state = (0..<32).map { UInt8(truncatingIfNeeded: $0 &* 37) ^ key }
            for (index, byte) in message.enumerated() {
                for place in 0..<32 {
                    let before = state[(place + 31) % 32]
                    state[place] =
                        (state[place] &* 31) &+ (byte ^ before)
                        &+ UInt8(truncatingIfNeeded: index &+ place)
                }
            }
            return Digest(bytes: state).unwrapped
        }
    }

    private static let name = PlantedValueName("decoy").unwrapped

    private static func entry(
        _ form: PlantedValueForm, salt: UInt8 = 1, key: UInt8 = 7
    ) -> PlantedValueEntry {
        PlantedValueEntry(
            name: name, form: form,
            salt: [UInt8](repeating: salt, count: PlantedValueEntry.saltBytes), digest: digest(key))
    }

    @Test(arguments: PlantedValueForm.allCases)
    func `a value has its form, and another salt or key gives another value`(
        _ form: PlantedValueForm
    ) {
        let bytes = Self.entry(form).value(Self.digest(7)).bytes
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.utf8.count >= PlantedValueForm.shortest)
        #expect(bytes.allSatisfy { (0x21...0x7e).contains($0) })
        switch form {
        case .token: #expect(text.hasPrefix("tok_") && bytes.count == 44)
        case .githubToken:
            #expect(text.hasPrefix("ghp_") && bytes.count == 40)
            #expect(ValueCheck.crc32Base62.holds(of: bytes, hashing: SumHashing()))
        case .awsKey: #expect(bytes.count == 40)
        case .password: #expect(bytes.count == 24)
        }
        #expect(Self.entry(form, salt: 2).value(Self.digest(7)).bytes != bytes)
        #expect(Self.entry(form).value(Self.digest(8)).bytes != bytes)
    }

    @Test func `the stored form has no value, and gives it back under the same key alone`() throws {
        let entry = Self.entry(.token)
        let value = entry.value(Self.digest(7))
        let body = entry.body
        let stored = String(decoding: JSONValue.object(body).serialized(), as: UTF8.self)
        #expect(!stored.contains(String(decoding: value.bytes.dropFirst(4), as: UTF8.self)))
        let read = try PlantedValueEntry(name: "decoy", body: body, digest: Self.digest(7))
        #expect(read == entry && read.value(Self.digest(7)) == value)
        #expect(throws: PlantedValueError.foreign("decoy")) {
            _ = try PlantedValueEntry(name: "decoy", body: body, digest: Self.digest(8))
        }
    }

    @Test func `a stored form that was changed is refused`() {
        let entry = Self.entry(.token)
        func refused(_ name: String, _ member: String?, _ value: String) -> PlantedValueError? {
            var body = entry.body
            if let member { body[member] = .string(value) }
            do throws(PlantedValueError) {
                _ = try PlantedValueEntry(name: name, body: body, digest: Self.digest(7))
                return nil
            } catch { return error }
        }
        #expect(refused("decoy", nil, "") == nil)
        #expect(refused("other", nil, "") == .foreign("other"))
        #expect(refused("decoy", "form", "password") == .foreign("decoy"))
        #expect(refused("decoy", "form", "pass") == .malformed("decoy"))
        #expect(
            refused("decoy", "salt", Base64.encode([UInt8](repeating: 3, count: 16)))
                == .foreign("decoy"))
        #expect(refused("decoy", "salt", "AA==") == .malformed("decoy"))
        #expect(refused("No name", nil, "") == .malformed("No name"))
    }

    @Test func `an end is that of one canary at one place, and is made with the key alone`() throws
    {
        let digest = Self.digest(7)
        let entry = Self.entry(.token)
        let end = entry.end(of: 3, digest)
        try entry.checkEnd(end, of: 3, digest)
        func isRefused(_ body: JSONObject, _ entry: PlantedValueEntry, _ number: Int64) -> Bool {
            do throws(PlantedValueError) {
                try entry.checkEnd(body, of: number, digest)
                return false
            } catch { return error == .foreignEnd("decoy") }
        }
        #expect(isRefused([:], entry, 3) && isRefused(["end": "AAAA"], entry, 3))
        #expect(isRefused(end, entry, 4) && isRefused(end, Self.entry(.token, salt: 2), 3))
        #expect(isRefused(entry.end(of: 3, Self.digest(8)), entry, 3))
        #expect(isRefused(["end": .string(entry.sum.base64)], entry, 3))
    }

    @Test
    func `a canary is found in its encodings by its name, and a value of the broker has none`()
        throws
    {
        let canary = Self.entry(.password).value(Self.digest(7))
        let secret = Array("a-value-of-the-broker".utf8)
        var values = BrokeredValues(key: (1, 2))
        let added = values.add(canary) && values.add(secret)
        #expect(added && !values.isEmpty)
        let forms: [(bytes: [UInt8], name: PlantedValueName?)] = [
            (canary.bytes, Self.name), (Array(canary.bytes.reversed()), Self.name),
            (Array(Hex.encode(canary.bytes).utf8), Self.name),
            (Array(Base64.encode(canary.bytes).utf8), Self.name), (secret, nil),
        ]
        for (form, name) in forms {
            let text = Array("it is ".utf8) + form + Array(" here".utf8)
            var found: [PlantedValueName?] = []
            values.search(text.span, starts: 0..<text.count) { match in
                found.append(match.planted)
            }
            #expect(found == [name], "\(String(decoding: text, as: UTF8.self))")
        }
        let short = values.add(PlantedValue(name: Self.name, bytes: Array("too-short".utf8)))
        #expect(!short)
    }
}
