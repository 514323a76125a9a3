import InterlockJSON
import InterlockLimits
import InterlockModel

extension CallFingerprint {
    /// Hashes with the process's random key, so that no agent can construct two calls with one mark.
    init(_ address: ToolAddress, _ arguments: [UInt8]) {
        var hasher = Hasher()
        hasher.combine(address)
        unsafe arguments.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        self.init(hasher)
    }

    /// The mark of a result.
    init(_ bytes: [UInt8]) {
        var hasher = Hasher()
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        self.init(hasher)
    }

    private init(_ hasher: consuming Hasher) {
        self.init(bits: UInt64(bitPattern: Int64(hasher.finalize())))
    }

    fileprivate static func of(_ name: String, _ value: JSONValue = .null) -> CallFingerprint {
        var hasher = Hasher()
        hasher.combine(name)
        hasher.combine(value)
        return CallFingerprint(hasher)
    }
}

extension WatchedCall {
    init(_ mark: CallFingerprint, isRead: Bool, poll: Int?) {
        self.init(
            mark: mark, tool: CallFingerprint(bits: 0), arguments: [], isRead: isRead, poll: poll)
    }

    /// Includes the argument marks that identify variants of a denied call; a call with more than `mostArguments`
    /// arguments has no variants.
    init(denied mark: CallFingerprint, _ address: ToolAddress, _ arguments: JSONValue) {
        let members = arguments.object?.members ?? []
        self.init(
            mark: mark, tool: .of(address.description),
            arguments: members.count > Self.mostArguments
                ? [] : members.map { .of($0.key, $0.value) }, isRead: false)
    }

    private static let mostArguments = 64
}
