package import InterlockModel

/// The statement that an authenticator makes and signs (WebAuthn Level 3, section 6.1).
///
/// ```
/// SHA-256 of the relying party's id (32) | flags (1) | counter (4, big-endian)
///     [ AAGUID (16) | length (2) | credential id | its key in COSE ]     flag AT
///     [ extensions, a CBOR map ]                                        flag ED
/// ```
package struct AuthenticatorData: Sendable, Equatable {
    package let relyingParty: [UInt8]
    package let flags: Flags
    package let counter: UInt32
    /// The new passkey of a registration. Is nil in an assertion.
    package let attested: AttestedCredential?

    package static let largestBytes = 3072
    private static let headBytes = 37

    package struct Flags: Sendable, Equatable {
        package let bits: UInt8
        package init(bits: UInt8) { self.bits = bits }
        package var isPresent: Bool { bits & 0x01 != 0 }
        package var isVerified: Bool { bits & 0x04 != 0 }
        /// Is true if the passkey may be copied to other devices (flag BE).
        package var isSyncable: Bool { bits & 0x08 != 0 }
        package var isSynced: Bool { bits & 0x10 != 0 }
        var hasCredential: Bool { bits & 0x40 != 0 }
        var hasExtensions: Bool { bits & 0x80 != 0 }
    }

    package init(parsing bytes: [UInt8]) throws(AuthenticatorFault) {
        guard (Self.headBytes...Self.largestBytes).contains(bytes.count) else {
            throw .badData
        }
        relyingParty = Array(bytes[..<32])
        flags = Flags(bits: bytes[32])
        counter = bytes[33..<37].reduce(0) { $0 << 8 | UInt32($1) }
        // A passkey that cannot be backed up cannot be backed up now.
        guard flags.isSyncable || !flags.isSynced else { throw .badData }
        var place = Self.headBytes
        attested = flags.hasCredential ? try AttestedCredential(parsing: bytes, from: &place) : nil
        if flags.hasExtensions {
            guard try Self.item(bytes, from: &place).pairs != nil else { throw .badData }
        }
        guard place == bytes.count else { throw .badData }
    }

    /// Checks the relying party and the flags, as both ceremonies require.
    func check(of party: RelyingParty) throws(AssertionRefusal) {
        guard relyingParty == party.idHash else { throw .wrongRelyingParty }
        guard flags.isPresent else { throw .userAbsent }
        guard flags.isVerified else { throw .userUnverified }
    }

    fileprivate static func item(
        _ bytes: [UInt8], from place: inout Int
    ) throws(AuthenticatorFault) -> CBORValue {
        do throws(CBORError) {
            var reader = try CBORReader(bytes, from: place)
            let value = try reader.value()
            place = reader.place
            return value
        } catch {
            throw .cbor(error)
        }
    }
}

/// A newly created passkey.
package struct AttestedCredential: Sendable, Equatable {
    /// The authenticator model as it states it (AAGUID): 16 bytes, often all zero.
    package let model: [UInt8]
    package let id: PasskeyID
    /// The key in COSE, with its original bytes.
    package let publicKey: [UInt8]
    package let key: CredentialKey

    fileprivate init(parsing bytes: [UInt8], from place: inout Int) throws(AuthenticatorFault) {
        guard bytes.count >= place + 18 else { throw .badData }
        model = Array(bytes[place..<(place + 16)])
        let count = Int(bytes[place + 16]) << 8 | Int(bytes[place + 17])
        place += 18
        guard bytes.count >= place + count,
            let id = PasskeyID(bytes: Array(bytes[place..<(place + count)]))
        else { throw .badData }
        self.id = id
        place += count
        let start = place
        let value = try AuthenticatorData.item(bytes, from: &place)
        publicKey = Array(bytes[start..<place])
        guard publicKey.count <= CredentialKey.largestBytes else { throw .badKey }
        key = try CredentialKey(value)
    }
}
