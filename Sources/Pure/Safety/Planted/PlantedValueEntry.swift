package import InterlockJSON
package import InterlockModel

/// The stored form of a canary. Its value is made again from the salt and a key of the node, and is kept nowhere.
///
/// INVARIANT: an entry or an end that was made or changed without the key is refused, so that no one who can write to the
/// store alone chooses what is denied, or adds the end of a canary. Kept by `PlantedValueTests`.
package struct PlantedValueEntry: Hashable, Sendable {
    /// A digest under a key of the node that is used for canaries alone.
    package typealias KeyedDigest = @Sendable ([UInt8]) -> Digest

    /// The bytes of a salt.
    package static let saltBytes = 16
    /// The most canaries of a deployment.
    package static let most = BrokeredValues.mostPlanted

    package let name: PlantedValueName
    package let form: PlantedValueForm
    package let salt: [UInt8]
    /// The keyed digest of name and value, by which records name the value.
    package let sum: Digest

    /// - Parameter salt: `saltBytes` random bytes.
    package init(
        name: PlantedValueName, form: PlantedValueForm, salt: [UInt8], digest: KeyedDigest
    ) {
        (self.name, self.form, self.salt) = (name, form, salt)
        sum = Self.sum(name, Self.value(name, form, salt, digest), digest)
    }

    /// Reads the stored form.
    package init(
        name text: String, body: JSONObject, digest: KeyedDigest
    ) throws(PlantedValueError) {
        guard let name = PlantedValueName(text),
            let form = body["form"]?.string.flatMap(PlantedValueForm.init(rawValue:)),
            let salt = body["salt"]?.string.flatMap({ Base64.decode($0) }),
            salt.count == Self.saltBytes,
            let sum = body["sum"]?.string.flatMap({ Digest(base64: $0) })
        else { throw .malformed(text) }
        self.init(name: name, form: form, salt: salt, digest: digest)
        guard self.sum == sum else { throw .foreign(text) }
    }

    package var body: JSONObject {
        [
            "form": .string(form.rawValue), "salt": .string(Base64.encode(salt)),
            "sum": .string(sum.base64),
        ]
    }

    /// Returns the stored form of the end of this canary.
    ///
    /// - Parameter number: the position of the canary's own entry, so that an end that was copied is that of no other
    ///   one, also of the same canary.
    package func end(of number: Int64, _ digest: KeyedDigest) -> JSONObject {
        ["end": .string(endSum(of: number, digest).base64)]
    }

    /// Checks the stored form of an end.
    package func checkEnd(
        _ body: JSONObject, of number: Int64, _ digest: KeyedDigest
    ) throws(PlantedValueError) {
        guard body["end"]?.string.flatMap({ Digest(base64: $0) }) == endSum(of: number, digest)
        else { throw .foreignEnd(name.description) }
    }

    private func endSum(of number: Int64, _ digest: KeyedDigest) -> Digest {
        digest(Array("end\0\(name)\0\(number)\0".utf8) + sum.bytes)
    }

    package func value(_ digest: KeyedDigest) -> PlantedValue {
        PlantedValue(name: name, bytes: Self.value(name, form, salt, digest))
    }

    private static func value(
        _ name: PlantedValueName, _ form: PlantedValueForm, _ salt: [UInt8], _ digest: KeyedDigest
    ) -> [UInt8] {
        let message = Array("value\0\(form.rawValue)\0\(name)\0".utf8) + salt
        return form.value(from: digest([0] + message).bytes + digest([1] + message).bytes)
    }

    private static func sum(
        _ name: PlantedValueName, _ value: [UInt8], _ digest: KeyedDigest
    ) -> Digest {
        digest(Array("sum\0\(name)\0".utf8) + value)
    }
}

/// The reason why a stored canary cannot be used.
package enum PlantedValueError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(String)
    /// It was not made with the key of this node.
    case foreign(String)
    /// Its end was not made with the key of this node, or is that of another canary.
    case foreignEnd(String)

    package var description: String {
        switch self {
        case .malformed(let name): "invalid stored form of canary `\(name)`"
        case .foreign(let name): "the canary `\(name)` was not made with the key of this node"
        case .foreignEnd(let name):
            "the end of the canary `\(name)` was not made with the key of this node"
        }
    }
}
