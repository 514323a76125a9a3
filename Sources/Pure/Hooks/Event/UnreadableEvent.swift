import InterlockJSON

/// Bytes that are no event of wire version 1, with the parts of them that are known nevertheless. These parts are text
/// of the sender and untrusted, as those of an event are.
package struct UnreadableEvent: Sendable, Hashable {
    /// The session that the bytes name.
    package struct Origin: Sendable, Hashable {
        package let sender: HookSender
        /// 1 to `HookLimits.name` bytes.
        package let session: String
    }

    package let error: HookWireError
    /// Is nil unless the bytes are an object of version 1 with a known kind.
    package let kind: HookEventKind?
    /// Is nil unless the bytes are an object of version 1 with a known sender and a session.
    package let origin: Origin?

    /// - Parameters:
    ///   - bytes: the bytes that `HookEvent(wire:)` rejected.
    ///   - error: its reason.
    package init(_ bytes: [UInt8], _ error: HookWireError) {
        self.error = error
        let object = Self.object(bytes, error)
        kind = object?["event"]?.string.flatMap { HookEventKind(rawValue: $0) }
        if let sender = object?["host"]?.string.flatMap({ HookSender(name: $0) }),
            let session = object?["session"]?.string,
            (1...HookLimits.name).contains(session.utf8.count)
        {
            origin = Origin(sender: sender, session: session)
        } else {
            origin = nil
        }
    }

    /// True unless the bytes are known to be another event than the end of a tool. The result of that tool was not
    /// searched.
    package var mayBringResult: Bool { kind?.isEndOfTool ?? true }

    /// Returns nil for anything but an object of version 1: members of another version may mean something else.
    private static func object(_ bytes: [UInt8], _ error: HookWireError) -> JSONObject? {
        guard case .form = error,
            let value = try? JSONValue(parsing: bytes, limits: HookLimits.wire),
            let object = value.object, object["v"]?.integer == 1
        else { return nil }
        return object
    }
}
