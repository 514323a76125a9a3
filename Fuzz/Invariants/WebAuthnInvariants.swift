import InterlockCredentials
import InterlockModel

extension Invariants {
    /// An accepted CBOR value has one spelling, and no bytes may follow it.
    package static func cbor(_ bytes: [UInt8]) {
        guard let value = try? CBORValue(parsing: bytes) else { return }
        precondition(value.serialized == bytes, "CBOR has one spelling")
        precondition(
            (try? CBORValue(parsing: bytes + [0])) == nil, "nothing stands behind an item")
        if let key = try? CredentialKey(parsing: bytes) {
            precondition(PasskeyAlgorithm.allCases.contains(key.algorithm), "a known algorithm")
        }
    }

    /// Accepted client data is bounded, its challenge has one spelling, and no bytes may follow it.
    package static func clientData(_ bytes: [UInt8]) {
        guard let data = try? ClientData(parsing: bytes) else { return }
        precondition(bytes.count <= ClientData.largestBytes, "client data is bounded")
        precondition(
            Base64.decodeURL(Base64.encodeURL(data.challenge)) == data.challenge,
            "a challenge has one spelling")
        precondition(
            (try? ClientData(parsing: bytes + [UInt8(ascii: "}")])) == nil,
            "nothing stands behind it")
    }

    /// Every byte belongs to a field: data with one byte more or one byte less is rejected.
    package static func authenticatorData(_ bytes: [UInt8]) {
        guard let data = try? AuthenticatorData(parsing: bytes) else { return }
        precondition(Array(bytes[..<32]) == data.relyingParty, "the relying party comes first")
        precondition(data.flags.isSyncable || !data.flags.isSynced, "a copy can be copied")
        if let attested = data.attested {
            precondition(
                (try? CredentialKey(parsing: attested.publicKey)) == attested.key,
                "the key is read alike from its own bytes")
            precondition(attested.model.count == 16, "a model's number is whole")
        }
        precondition(
            (try? AuthenticatorData(parsing: bytes + [0])) == nil, "nothing stands behind it")
        precondition(
            (try? AuthenticatorData(parsing: Array(bytes.dropLast()))) == nil,
            "nothing of it can be left out")
    }
}
