package import InterlockModel

/// A hash with the form of SHA-256 and a fraction of its cost. Two inputs of a simulation collide by chance alone.
package struct SimulatedHashing: Hashing {
    package init() {}

    package func sha256(_ bytes: Span<UInt8>) -> Digest {
        var one: UInt64 = 0xcbf2_9ce4_8422_2325
        var two: UInt64 = 0x9e37_79b9_7f4a_7c15
        for place in bytes.indices {
            let byte = UInt64(bytes[place])
            one = (one ^ byte) &* 0x0000_0100_0000_01b3
            two = (two &+ byte &+ 1) &* 0xbf58_476d_1ce4_e5b9
            two ^= two >> 29
        }
        let length = UInt64(bytes.count)
        return Digest(
            words: (
                mixed(one ^ length), mixed(two &+ length), mixed(one &+ two),
                mixed(one ^ (two << 1))
            ))
    }

    private func mixed(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// Signatures of a simulation: hashes of key and message. The attackers of the models never compute one, so a signature
/// that verifies was made by its signer.
package struct SimulatedSignatures: SignatureVerifier {
    private let hashing = SimulatedHashing()

    package init() {}

    /// The key of a person or node with this number.
    package static func key(_ signer: String) -> PublicKey? {
        PublicKey(bytes: SimulatedHashing().sha256(Array("key of \(signer)".utf8)).bytes)
    }

    package func sign(_ message: [UInt8], by key: PublicKey) -> [UInt8] {
        hashing.sha256(key.bytes + message).bytes + hashing.sha256(message + key.bytes).bytes
    }

    package func verifies(
        _ signature: [UInt8], of message: [UInt8], by publicKey: [UInt8]
    ) -> Bool {
        signature
            == hashing.sha256(publicKey + message).bytes + hashing.sha256(message + publicKey).bytes
    }
}
